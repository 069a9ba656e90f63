import type { Pool } from '../../db/pool.ts';
import { queueEvaluationWork } from '../../db/intake/evaluation-work.ts';
import { joinIntake } from '../../db/locks.ts';
import {
  cutEvaluation,
  executeEvaluation,
  executedSinceCut,
  failEvaluation,
  getEvaluation,
  hasEvaluationWork,
  lockEvaluations,
  moveEvaluation,
} from '../../db/queries/evaluation.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { endStudy, getStudy } from '../../db/queries/study.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Actor } from '../../domain/actor.ts';
import { SYSTEM } from '../../domain/actor.ts';
import { DomainError } from '../../domain/errors.ts';
import { settleBoundary } from './advance.ts';
import { drainCommissions, drainIntake } from './drain.ts';
import type { DrainOptions } from './drain.ts';
import { currentWorkflow } from '../workflow-context.ts';

const PAUSE_MS = 50;

/**
 * Cuts: what was received before the cut counts, and what stands at it is what the study compares with. Sets the cut once and seals it.
 * @returns the cut
 */
export async function cutReevaluation(
  pool: Pool,
  programId: string,
  evaluationId: string,
  options: DrainOptions,
): Promise<string> {
  const cutAt = await inTransaction(pool, programId, async (tx) => {
    const isFirst = (await getEvaluation(tx, evaluationId)).cutAt === null;
    const cut = await cutEvaluation(tx, evaluationId);
    if (isFirst)
      await recordEvent(tx, {
        kind: 'evaluation.cut',
        actor: SYSTEM,
        at: options.now,
        subject: { type: 'evaluation', id: evaluationId },
        data: { cutAt: cut },
        workflow: currentWorkflow(),
      });
    return cut;
  });
  await settleBoundary(pool, programId, cutAt, options);
  return cutAt;
}

/**
 * Carries out: one short transaction puts the evaluation in force and queues its conversions. From here it cannot be cancelled. Twice does it once.
 * @returns when it was carried out
 * @throws DomainError `conflict` when its study is not done, it was cancelled, or another was carried out since its cut
 */
export async function executeReevaluation(
  pool: Pool,
  programId: string,
  evaluationId: string,
  at: string,
): Promise<string> {
  return inTransaction(pool, programId, async (tx) => {
    await joinIntake(tx);
    await lockEvaluations(tx);
    const executedAt = await executeEvaluation(tx, evaluationId);
    const evaluation = await getEvaluation(tx, evaluationId);
    if (executedAt === null) {
      if (evaluation.executedAt !== null) return evaluation.executedAt;
      throw new DomainError(
        'conflict',
        `Re-evaluation ${evaluationId} is ${evaluation.state}; only a running one can be carried out.`,
      );
    }
    const study = await getStudy(tx, evaluation.studyId);
    if (study.state !== 'done')
      throw new DomainError('conflict', `The study of re-evaluation ${evaluationId} is ${study.state}, not done.`);
    const [other] = await executedSinceCut(tx, evaluationId);
    if (other !== undefined)
      throw new DomainError(
        'conflict',
        `Re-evaluation ${other} was carried out after the cut of ${evaluationId}, so what it compares with no longer stands.`,
      );
    await queueEvaluationWork(tx, evaluationId, evaluation.studyId, executedAt);
    await recordEvent(tx, {
      kind: 'evaluation.executed',
      actor: SYSTEM,
      at,
      subject: { type: 'evaluation', id: evaluationId },
      data: { executedAt },
      workflow: currentWorkflow(),
    });
    return executedAt;
  });
}

/** Waits until every line is posted, draining on the way, and marks the re-evaluation done. */
export async function postReevaluation(
  pool: Pool,
  programId: string,
  evaluationId: string,
  options: DrainOptions,
): Promise<void> {
  const { executedAt } = await inTransaction(pool, programId, (tx) => getEvaluation(tx, evaluationId));
  if (executedAt === null) throw new DomainError('conflict', `Re-evaluation ${evaluationId} was not carried out yet.`);
  await settleBoundary(pool, programId, executedAt, options);
  for (;;) {
    options.signal?.throwIfAborted();
    await drainIntake(pool, programId, options);
    await drainCommissions(pool, programId, options);
    if (!(await inTransaction(pool, programId, (tx) => hasEvaluationWork(tx, evaluationId)))) break;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  await inTransaction(pool, programId, async (tx) => {
    if (!(await moveEvaluation(tx, evaluationId, ['executed'], 'done'))) return;
    await recordEvent(tx, {
      kind: 'evaluation.posted',
      actor: SYSTEM,
      at: options.now,
      subject: { type: 'evaluation', id: evaluationId },
      data: {},
      workflow: currentWorkflow(),
    });
  });
}

/** Cancels before anything is posted; shards at work on its study stop at their next step. @returns false when it was carried out already, or is over */
export async function cancelReevaluationRun(
  pool: Pool,
  programId: string,
  evaluationId: string,
  { at, actor }: { at: string; actor: Actor },
): Promise<boolean> {
  return inTransaction(pool, programId, async (tx) => {
    const isCancelled = await moveEvaluation(tx, evaluationId, ['queued', 'running'], 'cancelled');
    if (isCancelled) {
      const { studyId } = await getEvaluation(tx, evaluationId);
      await endStudy(tx, studyId, 'cancelled', null);
      await recordEvent(tx, {
        kind: 'evaluation.cancelled',
        actor,
        at,
        subject: { type: 'evaluation', id: evaluationId },
        data: {},
        workflow: currentWorkflow(),
      });
    }
    return isCancelled;
  });
}

/**
 * Ends a re-evaluation that cannot be carried out, with the reason, and with the one that overtook it, if that is why. Twice does it once; one that was
 * carried out is left alone.
 */
export async function failReevaluationRun(
  pool: Pool,
  programId: string,
  evaluationId: string,
  { at, failure }: { at: string; failure: string },
): Promise<void> {
  await inTransaction(pool, programId, async (tx) => {
    const { studyId } = await getEvaluation(tx, evaluationId);
    // With its study done there is no other cause.
    const isStudied = (await getStudy(tx, studyId)).state === 'done';
    const [overtakenBy = null] = isStudied ? await executedSinceCut(tx, evaluationId) : [];
    if (!(await failEvaluation(tx, evaluationId, { failure, overtakenBy }))) return;
    await endStudy(tx, studyId, 'failed', failure);
    await recordEvent(tx, {
      kind: 'evaluation.failed',
      actor: SYSTEM,
      at,
      subject: { type: 'evaluation', id: evaluationId },
      data: { reason: failure },
      workflow: currentWorkflow(),
    });
  });
}
