import type { TermsLookback, TouchpointKind } from '../../contract/terms.ts';

/**
 * Everything about a touchpoint but its instant and its id. Millions of touchpoints share a few thousand traits, so a rule is
 * asked once per trait and the rest is arithmetic over numbers.
 */
export interface Trait {
  kind: TouchpointKind;
  channel: string;
  partnerId: string | null;
  partnerType: string | null;
  market: string | null;
  isVoided: boolean;
  /** The lookback of the partner's contract when the conversion happened; null: none was in force; `{}` for our own channels. */
  lookback: TermsLookback | null;
}

/**
 * Journeys as arrays. The touchpoints of conversion `i` are `start[i]` to `start[i + 1]` (exclusive), in order of occurredAt,
 * receivedAt and id (attribution.md §1). Instants are microseconds since 1970, whole numbers below 2⁵³.
 */
export interface JourneyColumns {
  count: number;
  /** When each conversion happened. */
  at: Float64Array;
  /** What remains of its value after refunds, in smallest units. */
  remaining: Float64Array;
  /** `count + 1` entries. */
  start: Int32Array;
  touchedAt: Float64Array;
  /** Index into `traits`. */
  trait: Int32Array;
  /** It only grows: an index keeps its meaning from one chunk of conversions to the next. */
  traits: readonly Trait[];
}
