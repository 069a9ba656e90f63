import type { Claim } from '../split.ts';
import { MOST_EXACT } from './apportion.ts';
import type { ClaimsColumns } from './claims-columns.ts';
import { exactWeights } from './exact-weights.ts';
import type { Counted } from './exact-weights.ts';
import type { RuleColumns } from './rule-columns.ts';

/** A claim with what the arrays know of it. */
export interface CountedClaim extends Claim {
  /** Index into the rule's claimants. */
  claimant: number;
  /** Index of the last touchpoint with weight. */
  last: number;
}

/** `sumClaims` over arrays: exact weights by beneficiary and channel, in the order of their first touchpoint with weight. */
export function exactClaims(
  { journeys, kept, count }: Counted,
  rule: RuleColumns,
  weightAt: (place: number) => bigint,
): CountedClaim[] {
  const claims = new Map<number, CountedClaim>();
  for (let place = 0; place < count; place += 1) {
    const weight = weightAt(place);
    if (weight === 0n) continue;
    const last = kept[place]!;
    const claimant = rule.claimant[journeys.trait[last]!]!;
    const claim = claims.get(claimant);
    if (claim) {
      claim.weight += weight;
      claim.last = last;
      continue;
    }
    // The arrays hold no text of an instant; only the number breaks ties.
    const first = { firstTouchAt: '', firstTouchMicros: journeys.touchedAt[last]! };
    claims.set(claimant, { ...rule.claimants[claimant]!, claimant, weight, last, ...first });
  }
  return [...claims.values()];
}

/** The exact weights of claims that were gathered in doubles, in their order. */
export function exactSums(counted: Counted, rule: RuleColumns, { claimant, weight, length }: ClaimsColumns): bigint[] {
  const inDoubles = Array.from(weight.subarray(0, length));
  if (inDoubles.every((own) => own <= MOST_EXACT)) return inDoubles.map(BigInt);
  const weightAt = exactWeights(counted, rule);
  const sums = inDoubles.map(() => 0n);
  for (let place = 0; place < counted.count; place += 1) {
    const own = weightAt(place);
    // One of no weight has no claim.
    if (own > 0n) sums[claimant.indexOf(rule.claimant[counted.journeys.trait[counted.kept[place]!]!]!)]! += own;
  }
  return sums;
}
