import type { TermsLookback } from '../../../domain/contract/terms.ts';
import { inForceFrom } from '../../../domain/contract/in-force.ts';
import { durationMs } from '../../../domain/time/duration.ts';
import { epochMicros, instantOfMicros } from '../../../domain/time/instant.ts';
import type { PartnerHistory } from '../partner-history.ts';

/** Something that holds from one instant to the next: `values[i]` from `breaks[i - 1]` (inclusive) to `breaks[i]` (exclusive). */
export interface Pieces<Value> {
  breaks: Float64Array;
  values: Value[];
}

/** Any instant will do where nothing ever changes. */
const SOME_TIME = '2000-01-01T00:00:00Z';

/** Which piece holds at an instant. */
export function pieceAt({ breaks }: Pieces<unknown>, micros: number): number {
  let piece = 0;
  while (piece < breaks.length && breaks[piece]! <= micros) piece += 1;
  return piece;
}

/**
 * Asks `valueAt` once for each piece between the instants at which its answer may change, so that millions of questions about the
 * same thing become a search in a short list.
 */
export function piecesOf<Value>(changes: readonly string[], valueAt: (at: string) => Value): Pieces<Value> {
  const breaks = Float64Array.from(new Set(changes.map((at) => epochMicros(at)))).sort();
  const before = breaks.length === 0 ? SOME_TIME : instantOfMicros(breaks[0]! - 1);
  return { breaks, values: [valueAt(before), ...Array.from(breaks, (micros) => valueAt(instantOfMicros(micros)))] };
}

/** What a partner's contracts say about lookbacks over time; null: none is in force. */
export function contractPieces(history: PartnerHistory, partnerId: string): Pieces<TermsLookback | null> {
  const changes = history
    .contracts(partnerId)
    .flatMap(({ versions, endedAt }) => [
      ...versions.map(inForceFrom),
      ...(endedAt === null ? [] : [endedAt]),
      ...versions.flatMap(({ terms }) =>
        endedAt === null || terms.tail === null
          ? []
          : [instantOfMicros(epochMicros(endedAt) + durationMs(terms.tail, 'tail') * 1_000)],
      ),
    ]);
  return piecesOf(changes, (at) => history.contractAt(partnerId, at)?.terms.lookback ?? null);
}

/** A partner's type and market over time. */
export function profilePieces(
  history: PartnerHistory,
  partnerId: string,
): Pieces<{ partnerType: string | null; market: string | null }> {
  return piecesOf(history.profileChanges(partnerId), (at) => {
    const profile = history.profileAt(partnerId, at);
    return { partnerType: profile?.type ?? null, market: profile?.marketCode ?? null };
  });
}
