import type { TermsLookback } from '../contract/terms.ts';
import { durationMs } from '../time/duration.ts';
import { epochMicros } from '../time/instant.ts';
import type { Policy } from './policy.ts';
import type { Touchpoint } from './touchpoint.ts';

/** Why a touchpoint that was seen got no weight (attribution.md §2). */
export const NO_WEIGHT_REASONS = [
  'voided',
  'later-than-conversion',
  'contract-not-in-force',
  'outside-lookback',
  'excluded-channel',
  'collapsed',
  'zero-weight',
  // A renewal or an instalment has the shares of its parent; what else its person touched decides nothing.
  'inherited',
] as const;
export type NoWeightReason = (typeof NO_WEIGHT_REASONS)[number];

/** A touchpoint on its way through the order of work, with its age at the conversion. */
export interface Step {
  touchpoint: Touchpoint;
  occurredMicros: number;
  ageMicros: number;
  /** Null while it still counts. */
  reason: NoWeightReason | null;
}

/** The lookback of the contract that is in force for a partner when the conversion happens; null when none is. */
export type ContractLookback = (partnerId: string) => TermsLookback | null;

/**
 * The touchpoints of a conversion in order of `occurredAt`, `receivedAt`, id; those that are not eligible say why.
 * Both edges count: at the very instant of the conversion, and exactly the lookback old.
 */
export function orderJourney(
  touchpoints: readonly Touchpoint[],
  conversionAt: string,
  policy: Policy,
  contractLookback: ContractLookback,
): Step[] {
  const conversionMicros = epochMicros(conversionAt);
  return touchpoints
    .map((touchpoint) => {
      const occurredMicros = epochMicros(touchpoint.occurredAt);
      const ageMicros = conversionMicros - occurredMicros;
      const reason = ineligible(touchpoint, ageMicros, policy, contractLookback);
      return { touchpoint, occurredMicros, ageMicros, reason };
    })
    .sort(inOrder);
}

function ineligible(
  touchpoint: Touchpoint,
  ageMicros: number,
  policy: Policy,
  contractLookback: ContractLookback,
): NoWeightReason | null {
  if (touchpoint.isVoided) return 'voided';
  if (ageMicros < 0) return 'later-than-conversion';
  const contract = touchpoint.partnerId === null ? {} : contractLookback(touchpoint.partnerId);
  if (contract === null) return 'contract-not-in-force';
  return ageMicros > durationMs(lookbackOf(touchpoint, policy, contract)) * 1_000 ? 'outside-lookback' : null;
}

/**
 * The lookback of one touchpoint, the first that says something: contract by kind, policy by kind, policy by channel; then the
 * defaults, the contract's before the policy's. A contract's default is silent on every kind, so it does not beat what
 * the policy says of one (attribution.md §1 and §9).
 */
export function lookbackOf(
  { kind, channel }: Pick<Touchpoint, 'kind' | 'channel'>,
  policy: Policy,
  contract: TermsLookback,
): string {
  const { byKind, byChannel } = policy.lookback;
  const ofChannel = Object.hasOwn(byChannel, channel) ? byChannel[channel] : undefined;
  return contract.byKind?.[kind] ?? byKind[kind] ?? ofChannel ?? contract.default ?? policy.lookback.default;
}

function inOrder(a: Step, b: Step): number {
  return (
    a.occurredMicros - b.occurredMicros ||
    epochMicros(a.touchpoint.receivedAt) - epochMicros(b.touchpoint.receivedAt) ||
    compareText(a.touchpoint.id, b.touchpoint.id)
  );
}

/** Order by code unit, the same on every machine whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
