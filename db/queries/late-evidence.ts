import { compareInstants } from '../../domain/time/instant.ts';
import type { Tx } from '../transaction.ts';
import { journeyParameters, PERSONS, TOUCHPOINT, touchedBy } from './journey-facts.ts';
import type { EvidenceScope, JourneyReading, TouchpointFact } from './journey-facts.ts';

/** Evidence that does not count for a conversion, or counts only until it is looked at again. */
export interface LateEvidence {
  /** The newest, oldest first; `isLost`: it counts by a merge that was taken back since. */
  touchpoints: (TouchpointFact & { isLost: boolean })[];
  /** All of it, what is not listed too. */
  count: number;
}

/**
 * What all merges and touchpoints that are known now give a conversion, and those received before its own limit do not; and what those give
 * that a merge which was taken back since does not: without reading a journey of any length into memory.
 * @param scope with the limit of the conversion
 * @param horizon approved additions that were received before it count
 * @param most touchpoints that are listed
 */
export async function readLateEvidence(
  tx: Tx,
  scope: EvidenceScope,
  horizon: string,
  most: number,
): Promise<LateEvidence> {
  const counting = { scopes: [scope], horizon, reachMicros: null };
  const everything = { scopes: [{ ...scope, before: 'infinity' }], horizon: 'infinity', reachMicros: null };
  const persons = await readPersons(tx, counting);
  const known = new Set(await readPersons(tx, everything));
  const gained = await readNewest(
    tx,
    everything,
    'not (t.identity_id = any ($9) and (t.received_at < $11 or (t.approved_by is not null and t.received_at < $12)))',
    [persons, most, scope.before, horizon],
  );
  const lostPersons = persons.filter((id) => !known.has(id));
  const lost =
    lostPersons.length === 0 ? [] : await readNewest(tx, counting, 't.identity_id = any ($9)', [lostPersons, most]);
  const touchpoints = [
    ...gained.map((touchpoint) => ({ ...touchpoint, isLost: false })),
    ...lost.map((touchpoint) => ({ ...touchpoint, isLost: true })),
  ].sort((a, b) => compareInstants(a.occurredAt, b.occurredAt));
  return {
    touchpoints: touchpoints.slice(-most).map(({ count: _, ...touchpoint }) => touchpoint),
    count: (gained[0]?.count ?? 0) + (lost[0]?.count ?? 0),
  };
}

async function readPersons(tx: Tx, reading: JourneyReading): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `${PERSONS} select r.id from reach r where $5::timestamptz is not null`,
    journeyParameters(tx, reading),
  );
  return rows.map(({ id }) => id);
}

/** The newest, oldest first, each with the number of all. @param values $9 and on; $10 is how many are read at most */
async function readNewest(
  tx: Tx,
  reading: JourneyReading,
  condition: string,
  values: (string | number | string[])[],
): Promise<(TouchpointFact & { count: number })[]> {
  const { rows } = await tx.query<TouchpointFact & { count: number }>(
    `${PERSONS}
     select ${TOUCHPOINT}, count(*) over () as count
     from ${touchedBy(null)}
     where ${condition}
     order by t.occurred_at desc, t.received_at desc, t.id desc
     limit $10`,
    [...journeyParameters(tx, reading), ...values],
  );
  return rows.reverse();
}
