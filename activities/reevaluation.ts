import { WorkflowNotFoundError } from '@temporalio/client';
import type { Actor } from '../domain/actor.ts';
import { DomainError } from '../domain/errors.ts';
import { newId } from '../db/ids.ts';
import { getEvaluation, insertEvaluation } from '../db/queries/evaluation.ts';
import { recordEvent } from '../db/queries/event.ts';
import { changeCase } from '../db/queries/feedback.ts';
import { lockPolicy } from '../db/queries/policy-version.ts';
import { findEvaluationOfPolicy } from '../db/queries/policy-study.ts';
import { insertStudy } from '../db/queries/study.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import { reevaluationFinished } from '../workflows/messages.ts';
import {
  cancelReevaluationRun,
  cutReevaluation,
  executeReevaluation,
  failReevaluationRun,
  postReevaluation,
} from './attribution/reevaluation-run.ts';
import { beating } from './beat.ts';
import type { ActivityDeps } from './deps.ts';
import { startLateSettlements } from './late-settlement.ts';
import type { PolicyMoment } from './policy.ts';
import { currentWorkflow } from './workflow-context.ts';

export interface ReevaluationMoment {
  programId: string;
  evaluationId: string;
  at: string;
}

export interface ReevaluationView {
  state: string;
  policyId: string;
  studyId: string;
  feedbackId: string | null;
  /** Another was carried out after its cut; it is to be asked for anew. */
  isOvertaken: boolean;
}

/** A re-evaluation: asked for by a policy, cut, carried out, posted. Every step may be repeated and does its work once. */
export function createReevaluationActivities(deps: ActivityDeps) {
  const { pool, client, taskQueues } = deps;
  return {
    /**
     * Makes the re-evaluation that an approved policy asked for, or finds it; one that was overtaken is followed by another, with a cut of its own.
     * `studyId`: the study that its approvers read.
     */
    async requestReevaluation({
      programId,
      policyId,
      studyId: approvedStudyId,
      at,
    }: PolicyMoment & { studyId: string }): Promise<{ evaluationId: string }> {
      return inTransaction(pool, programId, async (tx) => {
        // The policy's row lock makes two requests one.
        const policy = await lockPolicy(tx, policyId);
        const standing = await findEvaluationOfPolicy(tx, policyId);
        if (standing && standing.overtakenBy === null) return { evaluationId: standing.id };
        const { submission, effectiveFrom, submittedBy } = policy ?? {};
        if (!submission?.reevaluateFrom || !effectiveFrom) {
          throw new DomainError('conflict', `The policy ${policyId} asks for no re-evaluation, or is not approved.`);
        }
        const requestedBy = submittedBy ?? 'system';
        return insertRequest(tx, { policyId, approvedStudyId, submission, effectiveFrom, requestedBy, at });
      });
    },

    async startReevaluation({ programId, evaluationId }: { programId: string; evaluationId: string }): Promise<void> {
      await client.workflow.start('reevaluation', {
        taskQueue: taskQueues.attribution,
        workflowId: `reevaluation/${evaluationId}`,
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        args: [{ programId, evaluationId }],
        staticSummary: 'Past conversions under another policy',
      });
    },

    async readReevaluation(about: { programId: string; evaluationId: string }): Promise<ReevaluationView> {
      return inTransaction(pool, about.programId, async (tx) => {
        const { overtakenBy, ...evaluation } = await getEvaluation(tx, about.evaluationId);
        const { state, policyId, studyId, feedbackId } = evaluation;
        return { state, policyId, studyId, feedbackId, isOvertaken: overtakenBy !== null };
      });
    },

    /** Cuts and seals: what was received before counts. */
    async cutReevaluation({ programId, evaluationId, at }: ReevaluationMoment): Promise<void> {
      await beating(at, (options) => cutReevaluation(pool, programId, evaluationId, options));
    },

    /** One short transaction puts it in force. @returns false when it was cancelled before */
    async executeReevaluation({ programId, evaluationId, at }: ReevaluationMoment): Promise<boolean> {
      try {
        await executeReevaluation(pool, programId, evaluationId, at);
        return true;
      } catch (error) {
        const { state } = await inTransaction(pool, programId, (tx) => getEvaluation(tx, evaluationId));
        if (state === 'cancelled') return false;
        throw error;
      }
    },

    /** Waits until every difference is posted, draining on the way. */
    async postReevaluation({ programId, evaluationId, at }: ReevaluationMoment): Promise<void> {
      await beating(at, (options) => postReevaluation(pool, programId, evaluationId, options));
    },

    /** @returns whether it could still be cancelled */
    async cancelReevaluation({
      programId,
      evaluationId,
      actor,
      at,
    }: ReevaluationMoment & { actor: Actor }): Promise<boolean> {
      return cancelReevaluationRun(pool, programId, evaluationId, { at, actor });
    },

    /** Ends one whose study cannot go on; nothing was posted. */
    async failReevaluation({
      programId,
      evaluationId,
      failure,
      at,
    }: ReevaluationMoment & { failure: string }): Promise<void> {
      await failReevaluationRun(pool, programId, evaluationId, { at, failure });
    },

    /** Tells the policy that asked for it. */
    async reportReevaluation(about: {
      programId: string;
      evaluationId: string;
      state: 'done' | 'cancelled' | 'failed';
    }): Promise<void> {
      const { programId, evaluationId, state } = about;
      const { policyId } = await inTransaction(pool, programId, (tx) => getEvaluation(tx, evaluationId));
      await client.workflow
        .getHandle(`policy/${policyId}`)
        .signal(reevaluationFinished, { evaluationId, state })
        .catch((error: unknown) => {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        });
    },

    /** Starts the settlements of ended contracts for which something came after their last statement. @returns how many */
    async settleLate({ programId }: { programId: string }): Promise<number> {
      return startLateSettlements(deps, programId);
    },
  };
}

async function insertRequest(
  tx: Tx,
  request: {
    policyId: string;
    /** Not there in a request of an older version of this code. */
    approvedStudyId?: string;
    submission: { reevaluateFrom?: string; downward: 'recover' | 'waive'; feedbackId?: string };
    effectiveFrom: string;
    requestedBy: string;
    at: string;
  },
): Promise<{ evaluationId: string }> {
  const { policyId, submission, effectiveFrom: toAt, requestedBy, at } = request;
  const evaluationId = newId('evaluation');
  const studyId = newId('study');
  const fromAt = submission.reevaluateFrom!;
  const { downward } = submission;
  await insertStudy(tx, { id: studyId, policyId, fromAt, toAt, requestedBy, evaluationId });
  const approvedStudyId = request.approvedStudyId ?? null;
  const feedbackId = submission.feedbackId ?? null;
  const evaluation = {
    id: evaluationId,
    policyId,
    studyId,
    approvedStudyId,
    fromAt,
    toAt,
    downward,
    feedbackId,
    requestedBy,
  };
  await insertEvaluation(tx, evaluation);
  if (feedbackId) await changeCase(tx, feedbackId, null, { evaluationId });
  await recordEvent(tx, {
    kind: 'evaluation.requested',
    actor: { kind: 'system' },
    subject: { type: 'evaluation', id: evaluationId },
    data: { policyId, from: fromAt, to: toAt, downward },
    at,
    workflow: currentWorkflow(),
  });
  return { evaluationId };
}
