import { newId } from '../ids.ts';
import type { Tx } from '../transaction.ts';

/** One row of `intake_work`: what the feed must look at again. */
export interface IntakeWorkRow {
  seq: number;
  kind: 'conversion' | 'touchpoint' | 'merge' | 'refund' | 'void' | 'range' | 'lock' | 'evaluation';
  conversionId: string | null;
  identityId: string | null;
  partnerId: string | null;
  externalId: string | null;
  evaluationId: string | null;
  fromAt: string | null;
  toAt: string | null;
  receivedAt: string;
  attempts: number;
}

/** One row of `commission_work`: a pair whose commission the poster must compute again. */
export interface CommissionWorkRow {
  seq: number;
  partnerId: string;
  conversionId: string | null;
  evaluationId: string | null;
  receivedAt: string;
  attempts: number;
}

const INTAKE_COLUMNS = `seq, kind, conversion_id as "conversionId", identity_id as "identityId", partner_id as "partnerId",
  external_id as "externalId", evaluation_id as "evaluationId", from_at as "fromAt", to_at as "toAt", received_at as "receivedAt", attempts,
  identity_ids as "identityIds", from_ats as "fromAts"`;
const COMMISSION_COLUMNS = `seq, partner_id as "partnerId", conversion_id as "conversionId", evaluation_id as "evaluationId",
  received_at as "receivedAt", attempts`;

export interface Take {
  /** Only work received before this instant. */
  before: string;
  limit: number;
  /** Only this row: after a failure rows are tried one by one. */
  seq?: number | undefined;
}

/**
 * Takes work out of the queue, oldest first, leaving what another consumer has. Take locks and read facts only after it.
 * A row that names several persons counts as that many, and is given out as one row each.
 */
export async function takeIntakeWork(tx: Tx, take: Take): Promise<IntakeWorkRow[]> {
  const rows = await takeWork<IntakeWorkRow & Persons>(tx, 'intake_work', INTAKE_COLUMNS, take);
  return rows.flatMap(({ identityIds, fromAts, ...row }) =>
    identityIds === null
      ? [row]
      : identityIds.map((identityId, index) => ({ ...row, identityId, fromAt: fromAts![index]! })),
  );
}

/** Persons of one row, each with the instant from which on it must be looked at again. */
interface Persons {
  identityIds: string[] | null;
  fromAts: string[] | null;
}

export async function takeCommissionWork(tx: Tx, take: Take): Promise<CommissionWorkRow[]> {
  return takeWork<CommissionWorkRow>(tx, 'commission_work', COMMISSION_COLUMNS, take);
}

async function takeWork<Row extends { seq: number }>(
  tx: Tx,
  table: Queue,
  columns: string,
  { before, limit, seq }: Take,
): Promise<Row[]> {
  const { rows } = await tx.query<Row>(
    `with next as (
       select ctid, received_at, seq, ${table === 'intake_work' ? 'coalesce(cardinality(identity_ids), 1)' : '1'} as weight
       from ${table}
       where program_id = $1 and received_at < $2 and ($4::bigint is null or seq = $4)
       order by received_at, seq
       limit $3
       for update skip locked
     ),
     taken as (
       select ctid from (select ctid, weight, sum(weight) over (order by received_at, seq) as total from next) n where total - weight < $3
     )
     delete from ${table} where ctid in (select ctid from taken) and program_id = $1
     returning ${columns}`,
    [tx.programId, before, limit, seq ?? null],
  );
  return rows.sort((a, b) => a.seq - b.seq);
}

export type Queue = 'intake_work' | 'commission_work';

/** The oldest rows of a queue, without taking them: after a failed batch they are tried one by one. */
export async function peekWork(
  tx: Tx,
  queue: Queue,
  before: string,
  limit: number,
): Promise<{ seq: number; attempts: number }[]> {
  const { rows } = await tx.query<{ seq: number; attempts: number }>(
    `select seq, attempts from ${queue} where program_id = $1 and received_at < $2 order by received_at, seq limit $3`,
    [tx.programId, before, limit],
  );
  return rows;
}

/** Counts a failed try of one row; with the third it leaves the queue for a person. @returns whether it was set aside */
export async function noteFailedWork(
  tx: Tx,
  queue: Queue,
  seq: number,
  error: string,
  mostAttempts = 3,
): Promise<boolean> {
  if (queue === 'intake_work' && (await splitPersons(tx, seq))) return false;
  const { rows } = await tx.query<{ attempts: number }>(
    `update ${queue} set attempts = attempts + 1 where program_id = $1 and seq = $2 returning attempts`,
    [tx.programId, seq],
  );
  if ((rows[0]?.attempts ?? 0) < mostAttempts) return false;
  await tx.query(
    `with gone as (delete from ${queue} q where program_id = $1 and seq = $2 returning to_jsonb(q) as work)
     insert into work_set_aside (program_id, id, queue, work, error) select $1, $3, $4, work, $5 from gone`,
    [tx.programId, seq, `wsa_${newId('event').slice(4)}`, queue, error.slice(0, 2_000)],
  );
  return true;
}

/** Makes a row of several persons one row each, so that one of them that fails is set aside alone. @returns whether there were several */
async function splitPersons(tx: Tx, seq: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `with gone as (
       delete from intake_work where program_id = $1 and seq = $2 and cardinality(identity_ids) > 1
       returning kind, identity_ids, from_ats, received_at
     )
     insert into intake_work (program_id, kind, identity_id, from_at, received_at)
     select $1, g.kind, p.identity_id, p.from_at, g.received_at
     from gone g cross join unnest(g.identity_ids, g.from_ats) as p (identity_id, from_at)`,
    [tx.programId, seq],
  );
  return (rowCount ?? 0) > 0;
}

export interface NewCommissionWork {
  partnerId: string;
  conversionId: string | null;
  evaluationId?: string | null;
  receivedAt: string;
}

/** Queues pairs for the poster, in the transaction of their cause. */
export async function queueCommissionWork(tx: Tx, work: readonly NewCommissionWork[]): Promise<void> {
  if (work.length === 0) return;
  await tx.query(
    `insert into commission_work (program_id, partner_id, conversion_id, evaluation_id, received_at)
     select $1, w."partnerId", w."conversionId", w."evaluationId", w."receivedAt"
     from jsonb_to_recordset($2::jsonb) as w ("partnerId" text, "conversionId" text, "evaluationId" text, "receivedAt" timestamptz)`,
    [tx.programId, JSON.stringify(work)],
  );
}

/** How much work is left that was received before an instant, per queue. */
export async function countWork(tx: Tx, before: string): Promise<{ intake: number; commission: number }> {
  const { rows } = await tx.query<{ intake: number; commission: number }>(
    `select (select count(*) from intake_work where program_id = $1 and received_at < $2) as intake,
       (select count(*) from commission_work where program_id = $1 and received_at < $2) as commission`,
    [tx.programId, before],
  );
  return rows[0]!;
}
