import { capPartners } from '../claims.ts';
import { SHARES, sharesOf } from '../shares.ts';
import { splitValue } from '../split.ts';
import { addCredits, EXACT_AMOUNT, EXACT_SUM, shareAs, shareExactly, shareWithin, splitExactly } from './apportion.ts';
import { ClaimsColumns, MOST_CLAIMS, MOST_TOUCHPOINTS } from './claims-columns.ts';
import { Counting } from './counting.ts';
import type { CreditColumns } from './credit-columns.ts';
import { exactClaims, exactSums } from './exact-claims.ts';
import { exactWeights } from './exact-weights.ts';
import { capExactly } from './partner-cap.ts';
import { NOBODY } from './rule-columns.ts';
import type { RuleColumns } from './rule-columns.ts';
import type { JourneyColumns } from './trait.ts';

/**
 * The fast path: credits journeys in arrays, giving exactly the shares and smallest units of `creditConversion`.
 *
 * Weights are whole numbers in doubles. While their sum is small, quotients and remainders are exact. Where it is not (time-decay),
 * each quotient comes with a bound of its error; a conversion for which the bound could change a digit, and one with an amount, a
 * sum or a number of touchpoints or claims beyond the safe range, is split by the plain rules and counted in `exactSplits`.
 */
export class Crediter {
  readonly #counting = new Counting();
  readonly #claims = new ClaimsColumns();

  /** Adds the credits of every conversion of `journeys` under `rule` to `credits`. */
  creditAll(journeys: JourneyColumns, rule: RuleColumns, credits: CreditColumns): void {
    rule.grow(journeys.traits);
    for (let conversion = 0; conversion < journeys.count; conversion += 1)
      this.#credit(journeys, conversion, rule, credits);
  }

  /** The same for one conversion; the rule must have grown to the traits of the journeys. */
  creditOne(journeys: JourneyColumns, conversion: number, rule: RuleColumns, credits: CreditColumns): void {
    rule.grow(journeys.traits);
    this.#credit(journeys, conversion, rule, credits);
  }

  #credit(journeys: JourneyColumns, conversion: number, rule: RuleColumns, credits: CreditColumns): void {
    const remaining = journeys.remaining[conversion]!;
    const { start } = journeys;
    const claims = this.#claims;
    if (rule.takesAll !== null) {
      const index = this.#counting.only(journeys, conversion, rule, rule.takesAll);
      credits.add(conversion, index < 0 ? NOBODY : rule.claimant[journeys.trait[index]!]!, SHARES, remaining, index);
      return;
    }
    if (start[conversion + 1]! - start[conversion]! > MOST_TOUCHPOINTS) {
      this.#splitPlainly(journeys, conversion, rule, credits);
      return;
    }
    const count = rule.dropsByOthers
      ? this.#pickAmongOthers(journeys, conversion, rule)
      : claims.pick(journeys, conversion, rule);
    claims.weigh(journeys, conversion, rule, count);
    claims.gather(journeys, rule, count);
    if (claims.length === 0) credits.add(conversion, NOBODY, SHARES, remaining, -1);
    else if (claims.length === 1 && rule.cap === null && claims.sum > 0 && claims.sum < Infinity)
      credits.add(conversion, claims.claimant[0]!, SHARES, remaining, claims.last[0]!);
    else if (Math.abs(remaining) <= EXACT_AMOUNT && this.#share(journeys, conversion, rule, count, credits)) {
      splitExactly(Math.abs(remaining), claims.length);
      addCredits(conversion, remaining < 0, claims, credits);
    } else this.#splitPlainly(journeys, conversion, rule, credits);
  }

  /** The same as `claims.pick`, where a touchpoint may count or not because of others. */
  #pickAmongOthers(journeys: JourneyColumns, conversion: number, rule: RuleColumns): number {
    const count = this.#counting.pick(journeys, conversion, rule);
    this.#claims.take(journeys, rule, this.#counting.kept, count);
    return count;
  }

  /** Fills the shares, after the cap; false: only the plain rules can. */
  #share(
    journeys: JourneyColumns,
    conversion: number,
    rule: RuleColumns,
    count: number,
    credits: CreditColumns,
  ): boolean {
    const claims = this.#claims;
    if (claims.length > MOST_CLAIMS || !(claims.sum > 0)) return false;
    if (claims.sum <= EXACT_SUM) {
      if (rule.cap !== null && !capExactly(claims, rule, rule.cap, EXACT_SUM)) return false;
      shareExactly(claims);
      return true;
    }
    if (rule.cap !== null) return false;
    if (claims.sum < Infinity && shareWithin(claims, count)) return true;
    credits.exactSplits += 1;
    shareAs(sharesOf(exactSums({ journeys, conversion, kept: claims.kept, count }, rule, claims)));
    return true;
  }

  #splitPlainly(journeys: JourneyColumns, conversion: number, rule: RuleColumns, credits: CreditColumns): void {
    const { policy } = rule;
    const count = this.#counting.pick(journeys, conversion, rule);
    const counted = { journeys, conversion, kept: this.#counting.kept, count };
    const claims = exactClaims(counted, rule, exactWeights(counted, rule));
    const last = new Map(claims.map((claim) => [claim.claimant, claim.last]));
    const split = splitValue(journeys.remaining[conversion]!, capPartners(claims, policy.perPartnerShare));
    credits.exactSplits += 1;
    for (const { beneficiary, channel, shareE12, minor } of split) {
      const claimant = rule.claimantIndex(beneficiary, channel);
      credits.add(conversion, claimant, shareE12, minor, last.get(claimant) ?? -1);
    }
  }
}
