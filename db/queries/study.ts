import type { Policy } from '../../domain/attribution/policy.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Money } from '../../domain/money/money.ts';
import { closeIntake } from '../locks.ts';
import type { Tx } from '../transaction.ts';
import { heirsBelow } from './heirs-below.ts';
import { lookup } from './lookup.ts';
import { cutNow } from './program-clock.ts';

export type StudyState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

export interface StudyTotals {
  value: { before: Money; after: Money };
  commission: { before: Money; after: Money };
  /** Value and commission after the change that could not be converted, because no rate of their day is known. */
  unconverted: Money[];
  /** Absent in studies from before it was told apart, where it is in `unconverted`. */
  unconvertedCommission?: Money[];
  /** The same two before the change; absent in studies from before they were told. */
  unconvertedBefore?: Money[];
  unconvertedCommissionBefore?: Money[];
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
  /** The policy as it was studied; null until it begins. */
  policy: Policy | null;
  /** The study that this one repeats, at the same cut. */
  repeatOf: string | null;
  /** SHA-256 over its lines, in hex, once it is done: a repeated study has the same. */
  digest: string | null;
  startedAt: string | null;
  pricingAt: string | null;
}

const COLUMNS = `id, policy_id as "policyId", evaluation_id as "evaluationId", from_at as "fromAt", to_at as "toAt", cut_at as "cutAt", epoch, state, done,
  total, conversions, totals, failure, requested_by as "requestedBy", created_at as "createdAt", policy, repeat_of as "repeatOf", digest, started_at as "startedAt", pricing_at as "pricingAt"`;

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

/** Makes a study at the cut of another, of its range and its policy; the same id again changes nothing. */
export async function insertRepeatedStudy(
  tx: Tx,
  { id, of, requestedBy }: { id: string; of: string; requestedBy: string },
): Promise<void> {
  await tx.query(
    `insert into study (program_id, id, policy_id, from_at, to_at, cut_at, epoch, policy, repeat_of, requested_by)
     select program_id, $2, policy_id, from_at, to_at, cut_at, epoch, policy, id, $4 from study
     where program_id = $1 and id = $3 and state = 'done' and policy is not null
     on conflict (program_id, id) do nothing`,
    [tx.programId, id, of, requestedBy],
  );
}

/**
 * Sets the cut of a study that belongs to no evaluation, once, inside the exclusive barrier: a boundary, so that what stands at it is known.
 * @returns the cut, whether it was set now or before
 */
export async function cutStudy(tx: Tx, id: string): Promise<string> {
  await closeIntake(tx);
  const study = await getStudy(tx, id);
  if (study.cutAt !== null) return study.cutAt;
  const cutAt = await cutNow(tx);
  await tx.query('update study set cut_at = $3 where program_id = $1 and id = $2', [tx.programId, id, cutAt]);
  return cutAt;
}

/** Fixes what a study reads, once: facts received before `cutAt`, what stood up to `epoch`, and its policy as it is now. */
export async function startStudy(
  tx: Tx,
  id: string,
  reading: { cutAt: string; epoch: number; total: number },
): Promise<Study> {
  await tx.query(
    `update study s
     set state = 'running', cut_at = $3, epoch = $4, total = $5, started_at = clock_timestamp(), policy = coalesce(s.policy, p.body)
     from attribution_policy p
     where s.program_id = $1 and s.id = $2 and s.state = 'queued' and p.program_id = s.program_id and p.id = s.policy_id`,
    [tx.programId, id, reading.cutAt, reading.epoch, reading.total],
  );
  return getStudy(tx, id);
}

/** From now on lines are priced: what progress counts from. */
export async function notePricing(tx: Tx, id: string): Promise<void> {
  await tx.query(
    'update study set pricing_at = clock_timestamp() where program_id = $1 and id = $2 and pricing_at is null',
    [tx.programId, id],
  );
}

export async function countStudied(tx: Tx, id: string, more: number): Promise<void> {
  await tx.query(`update study set done = done + $3 where program_id = $1 and id = $2`, [tx.programId, id, more]);
}

export async function finishStudyRow(
  tx: Tx,
  id: string,
  result: { conversions: number; totals: StudyTotals; digest: string },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update study set state = 'done', conversions = $3, done = $3, totals = $4, digest = $5, finished_at = clock_timestamp()
     where program_id = $1 and id = $2 and state = 'running'`,
    [tx.programId, id, result.conversions, result.totals, result.digest],
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
export async function listStudies(
  tx: Tx,
  policyId: string,
  { beforeId, limit }: { beforeId?: string; limit: number },
): Promise<Study[]> {
  const { rows } = await tx.query<Study>(
    `select ${COLUMNS} from study
     where program_id = $1 and policy_id = $2 and ($3::text is null or id < $3)
     order by id desc limit $4`,
    [tx.programId, policyId, beforeId ?? null, limit],
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

/**
 * Open renewals and instalments below these that lie outside the study's range, level by level: they move with their parents. Below one inside
 * the range it is found with that.
 */
export async function heirsOutside(
  tx: Tx,
  study: Pick<Study, 'fromAt' | 'toAt' | 'cutAt'>,
  ids: readonly string[],
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `${heirsBelow(
      'not (c.occurred_at >= $4 and c.occurred_at < $5)',
      lookup('conversion_state', 's', 's.conversion_id = c.id and (s.locks_at is null or s.locks_at > $3)'),
    )}
     select id from below where id <> all ($2) order by id`,
    [tx.programId, ids, study.cutAt, study.fromAt, study.toAt],
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
