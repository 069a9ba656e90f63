import { capPartners } from '../claims.ts';
import { SHARES } from '../shares.ts';
import { splitValue } from '../split.ts';
import { EXACT_AMOUNT, EXACT_SUM, shareExactly, shareWithin, splitExactly } from './apportion.ts';
import { ClaimsColumns, MOST_CLAIMS } from './claims-columns.ts';
import { Counting } from './counting.ts';
import type { CreditColumns } from './credit-columns.ts';
import { exactClaims } from './exact-claims.ts';
import { exactWeights } from './exact-weights.ts';
import { NOBODY } from './rule-columns.ts';
import type { RuleColumns } from './rule-columns.ts';
import type { JourneyColumns } from './trait.ts';
import { weigh } from './weighing.ts';

const ULP = 2 ** -53;

/**
 * The fast path: credits journeys in arrays, giving exactly the shares and smallest units of `creditConversion`.
 *
 * Weights are whole numbers in doubles. While their sum is small, quotients and remainders are exact. Where it is not (time-decay),
 * each quotient comes with a bound of its error; a conversion for which the bound could change a digit, and one with an amount, a
 * sum or a number of claims beyond the safe range, is split by the plain rules and counted in `exactSplits`.
 */
export class Crediter {
  readonly #counting = new Counting();
  readonly #claims = new ClaimsColumns();
  #weights = new Float64Array(64);
  readonly #shares = new Float64Array(MOST_CLAIMS + 1);
  readonly #rest = new Float64Array(MOST_CLAIMS + 1);
  readonly #parts = new Float64Array(MOST_CLAIMS + 1);

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
    const claims = this.#claims;
    const remaining = journeys.remaining[conversion]!;
    const count = this.#counting.pick(journeys, conversion, rule);
    const { kept } = this.#counting;
    if (count > this.#weights.length) this.#weights = new Float64Array(count * 2);
    if (count > 0) weigh(journeys, conversion, rule, kept, count, this.#weights);
    claims.gather(journeys, rule, kept, count, this.#weights);
    if (claims.length === 0) credits.add(conversion, NOBODY, SHARES, remaining, -1);
    else if (claims.length === 1 && rule.cap === null && claims.sum > 0 && claims.sum < Infinity)
      credits.add(conversion, claims.claimant[0]!, SHARES, remaining, claims.last[0]!);
    else if (this.#apportion(rule, count, remaining)) this.#add(conversion, remaining, credits);
    else this.#splitPlainly(journeys, conversion, rule, count, credits);
  }

  /** Fills shares and parts; false: not certain in doubles. */
  #apportion(rule: RuleColumns, count: number, remaining: number): boolean {
    const claims = this.#claims;
    if (claims.length > MOST_CLAIMS || !(claims.sum > 0) || Math.abs(remaining) > EXACT_AMOUNT) return false;
    const isExact = claims.sum <= EXACT_SUM;
    if (rule.cap !== null && !(isExact && claims.capExactly(rule, rule.cap, EXACT_SUM))) return false;
    if (isExact) shareExactly(claims.weight, claims.length, claims.sum, this.#shares, this.#rest);
    else {
      if (!(claims.sum < Infinity)) return false;
      // Each weight may be rounded once, each sum once per addend, the quotient twice.
      const error = (2 * count + 8) * ULP;
      if (!shareWithin(claims.weight, claims.length, claims.sum, error, this.#shares, this.#rest)) return false;
    }
    splitExactly(Math.abs(remaining), this.#shares, claims.length, this.#parts, this.#rest);
    return true;
  }

  #add(conversion: number, remaining: number, credits: CreditColumns): void {
    const claims = this.#claims;
    for (let index = 0; index < claims.length; index += 1) {
      const share = this.#shares[index]!;
      if (share === 0) continue;
      const part = this.#parts[index]!;
      credits.add(conversion, claims.claimant[index]!, share, remaining < 0 ? -part : part, claims.last[index]!);
    }
  }

  #splitPlainly(
    journeys: JourneyColumns,
    conversion: number,
    rule: RuleColumns,
    count: number,
    credits: CreditColumns,
  ): void {
    const { policy } = rule;
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
