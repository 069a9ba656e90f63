import { countJourneys, readJourneys } from '../queries/journey-facts.ts';
import type { EvidenceScope, JourneyReading, TouchpointFact } from '../queries/journey-facts.ts';
import type { Tx } from '../transaction.ts';
import type { LeftJourney } from './long-credit.ts';

/** About fifty megabytes. A batch of ordinary persons has a tenth of it. */
const MOST_TOUCHPOINTS = 100_000;
/** A conversion with more is no ordinary one: where a batch is too large, it is the first to be left out. */
const ORDINARY_TOUCHPOINTS = 2_000;

/** The journeys that fit into memory together, ordinary ones first; the others are left where they are. */
/** @param reachMicros how far back a journey that is left is read later */
export async function fittingJourneys(
  tx: Tx,
  reading: JourneyReading,
  reachMicros: number,
  most = MOST_TOUCHPOINTS,
): Promise<{ touched: TouchpointFact[]; left: Map<string, LeftJourney> }> {
  const left = new Map<string, LeftJourney>();
  const all = await readJourneys(tx, reading, most);
  if (all !== null) return { touched: all, left };
  const counts = await countJourneys(tx, reading, Math.min(most, ORDINARY_TOUCHPOINTS));
  const fitting: EvidenceScope[] = [];
  let sum = 0;
  for (const scope of reading.scopes) {
    const count = counts.get(scope.conversionId) ?? 0;
    const isLeft = count > ORDINARY_TOUCHPOINTS || sum + count > most;
    if (isLeft) left.set(scope.conversionId, { scope, horizon: reading.horizon, reachMicros, atLeast: count });
    else {
      fitting.push(scope);
      sum += count;
    }
  }
  const touched = await readJourneys(tx, { ...reading, scopes: fitting }, most);
  if (touched !== null) return { touched, left };
  // More came in between the two statements.
  for (const scope of fitting)
    left.set(scope.conversionId, {
      scope,
      horizon: reading.horizon,
      reachMicros,
      atLeast: counts.get(scope.conversionId) ?? 0,
    });
  return { touched: [], left };
}
