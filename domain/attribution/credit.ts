import { durationMs } from '../time/duration.ts';
import { capPartners, lastTouches, sumClaims } from './claims.ts';
import { applyExclusions } from './exclusions.ts';
import { orderJourney } from './journey.ts';
import type { ContractLookback, NoWeightReason, Step } from './journey.ts';
import { weighTouchpoints } from './model-weights.ts';
import { exactFactor, NOT_MULTIPLIED, shownMultipliers } from './multipliers.ts';
import type { MatchedMultiplier } from './multipliers.ts';
import type { Policy } from './policy.ts';
import { splitValue } from './split.ts';
import type { Claim, Credit } from './split.ts';
import type { Touchpoint } from './touchpoint.ts';
import { beneficiaryOf, creditKey } from './touchpoint.ts';
import { applyTransforms } from './transforms.ts';

const SHOWN_SCALE = 10n ** 18n;

/** What credit needs of a conversion: when it happened, and what remains of its value after refunds (smallest units). */
export interface CreditedConversion {
  occurredAt: string;
  remainingMinor: number;
}

/** Why a touchpoint counts as it does: `weight` is its share of the conversion after multipliers and cap, or `reason` says why none. */
export interface WeighedStep {
  id: string;
  weight: number;
  /** The product of `multipliers`. */
  factor: number;
  /** Those that match it, in written order; none where it is left out before it is weighed. */
  multipliers: readonly MatchedMultiplier[];
  reason: NoWeightReason | null;
}

export interface CreditResult {
  credits: Credit[];
  /** Every touchpoint seen, in the order of the journey; weights and the programme's part sum to 1. */
  touchpoints: WeighedStep[];
  /** The id of the last touchpoint that earned each credit, by `creditKey`; the programme's part has none. */
  lastTouches: ReadonlyMap<string, string>;
  /** Set when the conversion is younger or older than the policy allows: it is credited, and held for a person. */
  ageFault: 'too-soon' | 'too-late' | null;
}

/**
 * Credits one conversion under one policy version: eligible touchpoints → exclusions → transforms → weights × multipliers →
 * cap → one split of the value (attribution.md §2–4). Pure; the fast path is tested against it.
 */
export function creditConversion(
  conversion: CreditedConversion,
  touchpoints: readonly Touchpoint[],
  policy: Policy,
  contractLookback: ContractLookback,
): CreditResult {
  const ordered = orderJourney(touchpoints, conversion.occurredAt, policy, contractLookback);
  const steps = applyTransforms(applyExclusions(ordered, policy.exclusions), policy.transforms);
  const counting = steps.filter((step) => step.reason === null);
  const weights = counting.length === 0 ? [] : weighTouchpoints(policy.model, counting.map(weighed(policy)));
  const claims = sumClaims(counting, weights);
  const capped = capPartners(claims, policy.perPartnerShare);
  return {
    credits: splitValue(conversion.remainingMinor, capped),
    touchpoints: explain(steps, policy, weights, { claims, capped }),
    lastTouches: lastTouches(counting, weights),
    ageFault: ageFaultOf(youngestPartner(counting, weights), policy),
  };
}

const weighed =
  ({ multipliers }: Policy) =>
  ({ touchpoint, ageMicros }: Step) => ({
    channel: touchpoint.channel,
    ageMicros,
    factor: exactFactor(touchpoint, multipliers),
  });

function explain(
  steps: readonly Step[],
  { multipliers }: Policy,
  weights: readonly bigint[],
  { claims, capped }: { claims: readonly Claim[]; capped: readonly Claim[] },
): WeighedStep[] {
  const total = capped.reduce((sum, { weight }) => sum + weight, 0n);
  const ofClaim = new Map(
    claims.map(({ beneficiary, channel, weight }, index) => [
      creditKey(beneficiary, channel),
      { weight, capped: capped[index]!.weight },
    ]),
  );
  let counted = 0;
  return steps.map(({ touchpoint, reason }) => {
    if (reason !== null) return { id: touchpoint.id, weight: 0, ...NOT_MULTIPLIED, reason };
    const weight = weights[counted++]!;
    const claim = ofClaim.get(creditKey(beneficiaryOf(touchpoint), touchpoint.channel));
    const part = claim ? shownShare(weight * claim.capped, claim.weight * total) : 0;
    const shown = shownMultipliers(touchpoint, multipliers);
    return { id: touchpoint.id, weight: part, ...shown, reason: part === 0 ? ('zero-weight' as const) : null };
  });
}

/** A fraction as a number to show, cut at 10⁻¹⁸ (a millionth of a share); the same whatever scale its parts are on. */
export function shownShare(num: bigint, den: bigint): number {
  return Number((num * SHOWN_SCALE) / den) / Number(SHOWN_SCALE);
}

/** The age of the youngest partner touchpoint that earned weight, in microseconds; Infinity when none did. */
function youngestPartner(counting: readonly Step[], weights: readonly bigint[]): number {
  return counting.reduce(
    (least, { touchpoint, ageMicros }, index) =>
      touchpoint.partnerId !== null && weights[index]! > 0n ? Math.min(least, ageMicros) : least,
    Infinity,
  );
}

/**
 * Compares the age of the youngest partner touchpoint that earned weight with what the policy allows.
 * @param youngestMicros Infinity when none did
 */
export function ageFaultOf(youngestMicros: number, { minimumAge, maximumAge }: Policy): CreditResult['ageFault'] {
  if (youngestMicros === Infinity) return null;
  if (minimumAge !== undefined && youngestMicros < durationMs(minimumAge) * 1_000) return 'too-soon';
  if (maximumAge !== undefined && youngestMicros > durationMs(maximumAge) * 1_000) return 'too-late';
  return null;
}
