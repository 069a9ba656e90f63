import { DomainError } from '../../domain/errors.ts';
import type { Money } from '../../domain/money/money.ts';
import type { Tx } from '../transaction.ts';

export type StudyState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

export interface StudyTotals {
  value: { before: Money; after: Money };
  commission: { before: Money; after: Money };
  /** Sums that could not be converted, because no rate of their day is known. */
  unconverted: Money[];
}

/** An impact study: past conversions under a draft beside what is in force. `evaluationId`: it is the study at that evaluation's cut. */
export interface Study {
  id: string;
  policyId: string;
  evaluationId: string | null;
  fromAt: string;
  toAt: string;
  cutAt: string | null;
  epoch: number | null;
  state: StudyState;
  done: number;
  total: number | null;
  conversions: number | null;
  totals: StudyTotals | null;
  failure: string | null;
  requestedBy: string;
  createdAt: string;
}

const COLUMNS = `id, policy_id as "policyId", evaluation_id as "evaluationId", from_at as "fromAt", to_at as "toAt", cut_at as "cutAt", epoch, state, done,
  total, conversions, totals, failure, requested_by as "requestedBy", created_at as "createdAt"`;

export interface NewStudy {
  id: string;
  policyId: string;
  fromAt: string;
  toAt: string;
  requestedBy: string;
  evaluationId?: string | null;
}

/** Makes a study; the same id again changes nothing. */
export async function insertStudy(tx: Tx, study: NewStudy): Promise<void> {
  await tx.query(
    `insert into study (program_id, id, policy_id, evaluation_id, from_at, to_at, requested_by) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (program_id, id) do nothing`,
    [tx.programId, study.id, study.policyId, study.evaluationId ?? null, study.fromAt, study.toAt, study.requestedBy],
  );
}

/** @throws DomainError `not-found` */
export async function getStudy(tx: Tx, id: string): Promise<Study> {
  const { rows } = await tx.query<Study>(`select ${COLUMNS} from study where program_id = $1 and id = $2`, [
    tx.programId,
    id,
  ]);
  if (!rows[0]) throw new DomainError('not-found', `There is no study ${id}.`);
  return rows[0];
}

/** Fixes what a study reads, once: facts received before `cutAt`, and what stood up to `epoch`. */
export async function startStudy(
  tx: Tx,
  id: string,
  reading: { cutAt: string; epoch: number; total: number },
): Promise<Study> {
  await tx.query(
    `update study set state = 'running', cut_at = $3, epoch = $4, total = $5 where program_id = $1 and id = $2 and state = 'queued'`,
    [tx.programId, id, reading.cutAt, reading.epoch, reading.total],
  );
  return getStudy(tx, id);
}

export async function countStudied(tx: Tx, id: string, more: number): Promise<void> {
  await tx.query(`update study set done = done + $3 where program_id = $1 and id = $2`, [tx.programId, id, more]);
}

export async function finishStudyRow(
  tx: Tx,
  id: string,
  result: { conversions: number; totals: StudyTotals },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update study set state = 'done', conversions = $3, done = $3, totals = $4, finished_at = clock_timestamp()
     where program_id = $1 and id = $2 and state = 'running'`,
    [tx.programId, id, result.conversions, result.totals],
  );
  return rowCount === 1;
}

export async function endStudy(
  tx: Tx,
  id: string,
  state: 'failed' | 'cancelled',
  failure: string | null,
): Promise<void> {
  await tx.query(
    `update study set state = $3, failure = $4, finished_at = clock_timestamp() where program_id = $1 and id = $2 and state in ('queued', 'running')`,
    [tx.programId, id, state, failure],
  );
}

/** Studies of a policy, newest first. */
export async function listStudies(tx: Tx, policyId: string): Promise<Study[]> {
  const { rows } = await tx.query<Study>(
    `select ${COLUMNS} from study where program_id = $1 and policy_id = $2 order by created_at desc`,
    [tx.programId, policyId],
  );
  return rows;
}

/** Conversions of a range received before the cut, after `afterId`, of one shard, ascending by id. */
export async function conversionsToStudy(
  tx: Tx,
  study: Pick<Study, 'fromAt' | 'toAt' | 'cutAt'>,
  { shard, of, afterId, limit }: { shard: number; of: number; afterId: string; limit: number },
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from conversion
     where program_id = $1 and occurred_at >= $2 and occurred_at < $3 and received_at < $4 and id > $5
       and abs(hashtext(id)::bigint) % $6 = $7
     order by id
     limit $8`,
    [tx.programId, study.fromAt, study.toAt, study.cutAt, afterId, of, shard, limit],
  );
  return rows.map(({ id }) => id);
}

export async function countConversions(
  tx: Tx,
  range: { fromAt: string; toAt: string; before: string },
): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    'select count(*) as n from conversion where program_id = $1 and occurred_at >= $2 and occurred_at < $3 and received_at < $4',
    [tx.programId, range.fromAt, range.toAt, range.before],
  );
  return rows[0]!.n;
}
