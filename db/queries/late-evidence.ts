import type { Tx } from '../transaction.ts';
import { journeyParameters, PERSONS, TOUCHPOINT, touchedBy } from './journey-facts.ts';
import type { EvidenceScope, TouchpointFact } from './journey-facts.ts';

/** Evidence that does not count for a conversion. */
export interface LateEvidence {
  /** The newest, oldest first. */
  touchpoints: TouchpointFact[];
  /** All of it, what is not listed too. */
  count: number;
}

/**
 * What all merges and touchpoints that are known now give a conversion, and those received before its own limit do not: without reading
 * a journey of any length into memory.
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
  const own = await tx.query<{ id: string }>(
    `${PERSONS} select r.id from reach r where $5::timestamptz is not null`,
    journeyParameters(tx, { scopes: [scope], horizon, reachMicros: null }),
  );
  const everything = { scopes: [{ ...scope, before: 'infinity' }], horizon: 'infinity', reachMicros: null };
  const { rows } = await tx.query<TouchpointFact & { count: number }>(
    `${PERSONS}
     select ${TOUCHPOINT}, count(*) over () as count
     from ${touchedBy(null)}
     where not (t.identity_id = any ($9) and (t.received_at < $10 or (t.approved_by is not null and t.received_at < $11)))
     order by t.occurred_at desc, t.received_at desc, t.id desc
     limit $12`,
    [...journeyParameters(tx, everything), own.rows.map(({ id }) => id), scope.before, horizon, most],
  );
  return {
    touchpoints: rows.map(({ count: _, ...touchpoint }) => touchpoint).reverse(),
    count: rows[0]?.count ?? 0,
  };
}
