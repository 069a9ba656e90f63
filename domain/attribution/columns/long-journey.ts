import { capPartners } from '../claims.ts';
import { ageFaultOf, shownShare } from '../credit.ts';
import type { CreditResult, WeighedStep } from '../credit.ts';
import { splitValue } from '../split.ts';
import type { Credit } from '../split.ts';
import { creditKey } from '../touchpoint.ts';
import { Counting } from './counting.ts';
import { exactClaims } from './exact-claims.ts';
import { exactWeights, youngestOf } from './exact-weights.ts';
import type { RuleColumns } from './rule-columns.ts';
import type { JourneyColumns } from './trait.ts';

/** A credit, and the index of the last touchpoint that earned it; −1 for the programme's part. */
export interface LongCredit extends Credit {
  last: number;
}

export interface LongResult {
  credits: LongCredit[];
  ageFault: CreditResult['ageFault'];
  /** What the touchpoint at an index weighs, or why it does not. */
  stepAt(index: number): Pick<WeighedStep, 'weight' | 'reason'>;
}

/**
 * Credits one conversion whose journey is too long for an object per touchpoint: the shares, cents and weights of `creditConversion`, to the
 * last digit, with a few bytes per touchpoint.
 * @param journeys the first conversion of it is credited; the rule must have grown to its traits
 */
export function creditLongJourney(journeys: JourneyColumns, rule: RuleColumns): LongResult {
  const { policy } = rule;
  const counting = new Counting();
  const count = counting.pick(journeys, 0, rule);
  const counted = { journeys, conversion: 0, kept: counting.kept, count };
  const weightAt = exactWeights(counted, rule);
  const claims = exactClaims(counted, rule, weightAt);
  const capped = capPartners(claims, policy.perPartnerShare);
  const total = capped.reduce((sum, { weight }) => sum + weight, 0n);
  const lastOf = new Map(claims.map((claim) => [keyOf(claim), claim.last]));
  const shareOf = new Map(
    claims.map(({ claimant, weight }, index) => [claimant, { weight, capped: capped[index]!.weight }]),
  );
  const partnerAt = (place: number) => journeys.traits[journeys.trait[counted.kept[place]!]!]!.partnerId !== null;
  const youngest = youngestOf(counted, (place) => partnerAt(place) && weightAt(place) > 0n);
  return {
    credits: splitValue(journeys.remaining[0]!, capped).map((credit) => ({
      ...credit,
      last: lastOf.get(keyOf(credit)) ?? -1,
    })),
    ageFault: ageFaultOf(youngest, policy),
    stepAt: (index) => {
      const place = placeIn(counted.kept, count, index);
      if (place < 0)
        return { weight: 0, reason: reasonAt(journeys, rule, index, count === 0 ? undefined : counted.kept[0]) };
      const share = shareOf.get(rule.claimant[journeys.trait[index]!]!);
      const weight = share ? shownShare(weightAt(place) * share.capped, share.weight * total) : 0;
      return { weight, reason: weight === 0 ? 'zero-weight' : null };
    },
  };
}

function keyOf({ beneficiary, channel }: Pick<Credit, 'beneficiary' | 'channel'>): string {
  return creditKey(beneficiary, channel);
}

/** Why a touchpoint does not count. @param firstKept one that does; undefined: none */
function reasonAt(
  journeys: JourneyColumns,
  rule: RuleColumns,
  index: number,
  firstKept: number | undefined,
): WeighedStep['reason'] {
  const own = journeys.trait[index]!;
  const age = journeys.at[0]! - journeys.touchedAt[index]!;
  if (journeys.traits[own]!.isVoided) return 'voided';
  if (age < 0) return 'later-than-conversion';
  if (journeys.traits[own]!.lookback === null) return 'contract-not-in-force';
  if (age > rule.lookback[own]!) return 'outside-lookback';
  if (rule.isAlwaysExcluded[own] === 1) return 'excluded-channel';
  // Where only such touchpoints are there none of them is excluded; where one that counts is another, all of them are.
  const isOther = firstKept !== undefined && rule.isExcludedUnlessOnly[journeys.trait[firstKept]!] === 0;
  return rule.isExcludedUnlessOnly[own] === 1 && isOther ? 'excluded-channel' : 'collapsed';
}

/** The place of an index in an ascending list, −1 when it is not there. */
function placeIn(kept: Int32Array, count: number, index: number): number {
  let [low, high] = [0, count - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (kept[middle] === index) return middle;
    if (kept[middle]! < index) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
