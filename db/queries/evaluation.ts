import { DomainError } from '../../domain/errors.ts';
import { closeIntake, joinIntake } from '../locks.ts';
import type { Tx } from '../transaction.ts';
import { lookup } from './lookup.ts';
import { cutNow } from './program-clock.ts';

export type EvaluationState = 'queued' | 'running' | 'executed' | 'done' | 'failed' | 'cancelled';

/** A re-evaluation: the study at its cut, carried out. */
export interface Evaluation {
  id: string;
  policyId: string;
  /** The study at the cut; its lines are what is posted. */
  studyId: string;
  /** The study that the approvers of the policy read. */
  approvedStudyId: string | null;
  fromAt: string;
  toAt: string;
  downward: 'recover' | 'waive';
  cutAt: string | null;
  epoch: number | null;
  executedAt: string | null;
  state: EvaluationState;
  feedbackId: string | null;
  requestedBy: string;
  /** Why it failed. */
  failure: string | null;
  /** The one that was carried out after its cut, so that it failed; it is asked for anew. */
  overtakenBy: string | null;
}

const COLUMNS = `id, policy_id as "policyId", study_id as "studyId", approved_study_id as "approvedStudyId", from_at as "fromAt", to_at as "toAt",
  downward, cut_at as "cutAt", epoch, executed_at as "executedAt", state, feedback_id as "feedbackId", requested_by as "requestedBy",
  failure, overtaken_by as "overtakenBy"`;

export type NewEvaluation = Pick<
  Evaluation,
  'id' | 'policyId' | 'studyId' | 'approvedStudyId' | 'fromAt' | 'toAt' | 'downward' | 'feedbackId' | 'requestedBy'
>;

/** Makes an evaluation; the same id again changes nothing. */
export async function insertEvaluation(tx: Tx, evaluation: NewEvaluation): Promise<void> {
  await tx.query(
    `insert into evaluation (program_id, id, policy_id, study_id, approved_study_id, from_at, to_at, downward, feedback_id, requested_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (program_id, id) do nothing`,
    [
      tx.programId,
      evaluation.id,
      evaluation.policyId,
      evaluation.studyId,
      evaluation.approvedStudyId,
      evaluation.fromAt,
      evaluation.toAt,
      evaluation.downward,
      evaluation.feedbackId,
      evaluation.requestedBy,
    ],
  );
}

/** @throws DomainError `not-found` */
export async function getEvaluation(tx: Tx, id: string): Promise<Evaluation> {
  const { rows } = await tx.query<Evaluation>(`select ${COLUMNS} from evaluation where program_id = $1 and id = $2`, [
    tx.programId,
    id,
  ]);
  if (!rows[0]) throw new DomainError('not-found', `There is no re-evaluation ${id}.`);
  return rows[0];
}

/** Sets the cut of an evaluation, once, inside the exclusive barrier. @returns the cut, whether it was set now or before */
export async function cutEvaluation(tx: Tx, id: string): Promise<string> {
  await closeIntake(tx);
  const evaluation = await getEvaluation(tx, id);
  if (evaluation.cutAt !== null) return evaluation.cutAt;
  const cutAt = await cutNow(tx);
  await tx.query(
    `update evaluation set cut_at = $3, state = 'running' where program_id = $1 and id = $2 and state in ('queued', 'running')`,
    [tx.programId, id, cutAt],
  );
  return cutAt;
}

/** Those who carry out evaluations of the program follow each other. */
export async function lockEvaluations(tx: Tx): Promise<void> {
  await tx.query(
    `select from evaluation where program_id = $1 and state in ('running', 'executed') order by id for no key update`,
    [tx.programId],
  );
}

/** The evaluations that were carried out after the cut of this one: what it compares with is not what stands any more. */
export async function executedSinceCut(tx: Tx, id: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select other.id
     from evaluation e
     join evaluation other on other.program_id = e.program_id and other.id <> e.id and other.executed_at > e.cut_at
     where e.program_id = $1 and e.id = $2
     order by other.executed_at`,
    [tx.programId, id],
  );
  return rows.map((row) => row.id);
}

/**
 * Puts an evaluation in force under the shared barrier, once: its execution becomes a boundary.
 * @returns the stamp when it was executed now; null when it was before, or was cancelled
 */
export async function executeEvaluation(tx: Tx, id: string): Promise<string | null> {
  const executedAt = await joinIntake(tx);
  const { rowCount } = await tx.query(
    `update evaluation set executed_at = $3, state = 'executed' where program_id = $1 and id = $2 and state = 'running' and executed_at is null`,
    [tx.programId, id, executedAt],
  );
  return rowCount === 1 ? executedAt : null;
}

/** Moves an evaluation from one of `from` to a state. @returns whether it moved */
export async function moveEvaluation(
  tx: Tx,
  id: string,
  from: readonly EvaluationState[],
  to: EvaluationState,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update evaluation set state = $4 where program_id = $1 and id = $2 and state = any ($3)',
    [tx.programId, id, from, to],
  );
  return rowCount === 1;
}

/** Ends an evaluation that nothing was posted of as failed, with the reason. @returns whether it ended now */
export async function failEvaluation(
  tx: Tx,
  id: string,
  { failure, overtakenBy }: Pick<Evaluation, 'failure' | 'overtakenBy'>,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update evaluation set state = 'failed', failure = $3, overtaken_by = $4
     where program_id = $1 and id = $2 and state in ('queued', 'running')`,
    [tx.programId, id, failure, overtakenBy],
  );
  return rowCount === 1;
}

/** The pairs of an evaluation's lines between two conversions (`afterId` exclusive, `lastId` inclusive). */
export async function listEvaluationPairs(
  tx: Tx,
  evaluationId: string,
  afterId: string,
  lastId: string,
): Promise<{ partnerId: string; conversionId: string }[]> {
  const { rows } = await tx.query<{ partnerId: string; conversionId: string }>(
    `select l.beneficiary_id as "partnerId", l.conversion_id as "conversionId"
     from evaluation e
     ${lookup('study_line', 'l', 'l.study_id = e.study_id and l.conversion_id > $3 and l.conversion_id <= $4')}
     where e.program_id = $1 and e.id = $2 and l.beneficiary_kind = 'partner'
       and l.commission_after_minor <> l.commission_before_minor`,
    [tx.programId, evaluationId, afterId, lastId],
  );
  return rows;
}

export interface EvaluationLine {
  evaluationId: string;
  partnerId: string;
  conversionId: string;
  beforeMinor: number;
  afterMinor: number;
  currency: string;
  downward: 'recover' | 'waive';
  policyId: string;
}

const OF_PARTNER = `l.beneficiary_kind = 'partner' and l.beneficiary_id = p.partner_id`;

/** The lines of these pairs that an executed, sealed evaluation still has to post, oldest execution first. */
export async function readOpenLines(
  tx: Tx,
  pairs: readonly { partnerId: string; conversionId: string }[],
): Promise<EvaluationLine[]> {
  if (pairs.length === 0) return [];
  const { rows } = await tx.query<EvaluationLine>(
    `select e.id as "evaluationId", l.beneficiary_id as "partnerId", l.conversion_id as "conversionId", l.commission_before_minor as "beforeMinor",
       l.commission_after_minor as "afterMinor", l.commission_currency as currency, e.downward, e.policy_id as "policyId"
     from evaluation e
     join program_clock k on k.program_id = e.program_id and e.executed_at <= k.sealed_at
     join (select distinct * from unnest($2::text[], $3::text[]) as p (partner_id, conversion_id)) p on true
     ${lookup('study_line', 'l', `l.study_id = e.study_id and l.conversion_id = p.conversion_id and ${OF_PARTNER}`)}
     where e.program_id = $1 and e.state = 'executed' and l.commission_after_minor <> l.commission_before_minor
     order by e.executed_at, l.beneficiary_id, l.conversion_id`,
    [tx.programId, pairs.map(({ partnerId }) => partnerId), pairs.map(({ conversionId }) => conversionId)],
  );
  return rows;
}

/** Whether rows of an evaluation still wait in a queue, or are in somebody's hands. */
export async function hasEvaluationWork(tx: Tx, evaluationId: string): Promise<boolean> {
  const { rows } = await tx.query<{ found: boolean }>(
    `select exists (select from intake_work where program_id = $1 and evaluation_id = $2)
       or exists (select from commission_work where program_id = $1 and evaluation_id = $2) as found`,
    [tx.programId, evaluationId],
  );
  return rows[0]!.found;
}

/**
 * Until when the poster takes work while the oldest sealed evaluation is not all posted: newer work waits. Its own waits too until the feed has
 * credited all of it, because tiers and caps look at a whole window, and would post there and back.
 */
export async function unfinishedExecution(tx: Tx): Promise<string | null> {
  const { rows } = await tx.query<{ at: string | null }>(
    `select min(case
         when exists (select from intake_work w where w.program_id = $1 and w.evaluation_id = e.id and w.kind = 'evaluation') then e.executed_at
         else e.executed_at + interval '1 microsecond'
       end) as at
     from evaluation e, program_clock c
     where e.program_id = $1 and c.program_id = $1 and e.executed_at <= c.sealed_at and e.state = 'executed'
       and (exists (select from intake_work w where w.program_id = $1 and w.evaluation_id = e.id)
         or exists (select from commission_work w where w.program_id = $1 and w.evaluation_id = e.id))`,
    [tx.programId],
  );
  return rows[0]?.at ?? null;
}
