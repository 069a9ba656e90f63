import type { Tx } from '../transaction.ts';
import { cellArray } from './cell-array.ts';

/** Persons that one row of work names: a step of the feed takes a few such rows. */
const PERSONS_PER_ROW = 100;

/** What the feed must look at again, and since when: the cause's own stamp. */
export interface IntakeWork {
  kind: 'conversion' | 'touchpoint' | 'merge' | 'refund' | 'void' | 'range' | 'lock' | 'evaluation';
  conversionId?: string | null;
  identityId?: string | null;
  partnerId?: string | null;
  externalId?: string | null;
  evaluationId?: string | null;
  fromAt?: string | null;
  toAt?: string | null;
}

/** Queues work for the feed in the transaction of its cause. `receivedAt` is the stamp of that cause. */
export async function queueIntakeWork(tx: Tx, work: readonly IntakeWork[], receivedAt: string): Promise<void> {
  if (work.length === 0) return;
  await tx.query(
    `insert into intake_work (program_id, kind, conversion_id, identity_id, partner_id, external_id, evaluation_id, from_at, to_at, received_at)
     select $1, w.kind, w."conversionId", w."identityId", w."partnerId", w."externalId", w."evaluationId", w."fromAt", w."toAt", $3
     from jsonb_to_recordset($2::jsonb) as w (
       kind text, "conversionId" text, "identityId" text, "partnerId" text, "externalId" text, "evaluationId" text,
       "fromAt" timestamptz, "toAt" timestamptz
     )`,
    [tx.programId, JSON.stringify(work), receivedAt],
  );
}

/**
 * Queues the persons whom touchpoints name, each once with the first instant at which it was touched. Work is per person and not per
 * touchpoint, so that a million touchpoints of one are one piece of work in each intake.
 * @param fromAts of each identity, RFC 3339 in UTC
 */
export async function queueTouchedPersons(
  tx: Tx,
  { identityIds, fromAts }: { identityIds: readonly string[]; fromAts: readonly string[] },
  receivedAt: string,
): Promise<void> {
  if (identityIds.length === 0) return;
  const persons = cellArray('text', identityIds);
  const instants = cellArray('timestamptz', fromAts);
  await tx.query(
    `insert into intake_work (program_id, kind, identity_ids, from_ats, received_at)
     select $1, 'touchpoint', ($3::text[])[n : n + ${PERSONS_PER_ROW - 1}], ($4::timestamptz[])[n : n + ${PERSONS_PER_ROW - 1}], $2
     from generate_series(1, $5::integer, ${PERSONS_PER_ROW}) as n`,
    [tx.programId, receivedAt, persons, instants, identityIds.length],
  );
}
