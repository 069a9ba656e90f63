import type { Actor } from '../domain/actor.ts';
import { SYSTEM } from '../domain/actor.ts';
import { DomainError, invalid } from '../domain/errors.ts';
import { newId } from '../db/ids.ts';
import { queueIntakeWork } from '../db/intake/work.ts';
import { joinIntake, lockPolicies } from '../db/locks.ts';
import { readCommandInput } from '../db/queries/command-input.ts';
import { recordEvent } from '../db/queries/event.ts';
import type { EventKind } from '../domain/event/catalogue.ts';
import { changeCase, findCase, lockCase } from '../db/queries/feedback.ts';
import {
  activatePolicyRow,
  approvePolicyRow,
  findReplacement,
  insertPolicyPeriods,
  rejectPolicyRow,
  submitPolicyDraft,
} from '../db/queries/policy.ts';
import { findPolicy, lockPolicy } from '../db/queries/policy-version.ts';
import type { PolicySubmission, PolicyVersion } from '../db/queries/policy-version.ts';
import { findEvaluationOfPolicy, findFinishedStudy, findUnfinishedStudy } from '../db/queries/policy-study.ts';
import { insertStudy } from '../db/queries/study.ts';
import { queueMail } from '../db/queries/mail-outbox.ts';
import { findAddressee } from '../db/queries/task-audience.ts';
import { readTaskPersons } from '../db/queries/task-persons.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { MailTemplate } from '../domain/mail/template.ts';
import type { PolicyDecision } from '../workflows/messages.ts';
import type { ActivityDeps } from './deps.ts';
import { currentWorkflow } from './workflow-context.ts';

export interface PolicyMoment {
  programId: string;
  policyId: string;
  at: string;
}

/** How far back the study of a submission looks that re-evaluates nothing. */
const STUDY_DAYS = 30;
const DAY_MS = 86_400_000;
/** How old the study may be that approvers read; an older one, or one of another range, could show less than the policy moves. */
const FRESH_MS = 3_600_000;
const SUBMITTED = ['effectiveFrom', 'reevaluateFrom', 'downward', 'feedbackId', 'reason'] as const;

/** A policy from draft to force. Each step is one transaction and finds its work done when it is repeated. */
export function createPolicyActivities({ pool }: ActivityDeps) {
  return {
    /** Takes a draft in for approval. @throws DomainError `illegal-transition`, `invalid`, `not-found` */
    async submitPolicyDraft(
      submission: PolicyMoment & { commandId: string; actor: Actor } & Omit<PolicySubmission, 'reason'>,
    ): Promise<void> {
      const { programId, policyId, commandId, actor, at, ...asked } = submission;
      await inTransaction(pool, programId, async (tx) => {
        const policy = await lockPolicy(tx, policyId);
        if (!policy) throw new DomainError('not-found', `There is no policy ${policyId}.`);
        const reason = (await readCommandInput<{ reason?: string }>(tx, commandId))?.data.reason;
        const by = actor.id ?? actor.kind;
        if (policy.state === 'submitted' && isSameSubmission(policy, { ...asked, reason }, by)) return;
        if (policy.state !== 'draft')
          throw new DomainError('illegal-transition', `A policy that is ${policy.state} cannot be submitted.`);
        if (
          asked.reevaluateFrom &&
          Date.parse(asked.reevaluateFrom) >= Math.max(Date.parse(asked.effectiveFrom), Date.parse(at))
        ) {
          throw invalid('reevaluateFrom', 'Give an instant before the policy comes into force.');
        }
        await submitPolicyDraft(tx, policyId, { ...asked, reason }, by, at);
        const feedback = asked.feedbackId ? await lockCase(tx, asked.feedbackId) : undefined;
        if (asked.feedbackId && !feedback) throw invalid('feedbackId', `There is no case ${asked.feedbackId}.`);
        if (feedback) await changeCase(tx, feedback.id, null, { policyId });
        await note(tx, policyId, 'policy.submitted', {
          actor,
          at,
          effectiveFrom: asked.effectiveFrom,
          feedbackId: asked.feedbackId ?? null,
        });
      });
    },

    /**
     * The study that the approvers read: the newest one that reaches from the first conversion that is re-evaluated (or over the last 30 days) up
     * to the last hour, or a new one.
     */
    async studyOfSubmission({ programId, policyId, at }: PolicyMoment): Promise<{ studyId: string; isDone: boolean }> {
      return inTransaction(pool, programId, async (tx) => {
        const policy = await lockPolicy(tx, policyId);
        const submission = policy?.submission;
        if (!submission) throw new DomainError('conflict', `The policy ${policyId} was not submitted.`);
        const before = (ms: number) => new Date(Date.parse(at) - ms).toISOString();
        const fromAt = submission.reevaluateFrom ?? before(STUDY_DAYS * DAY_MS);
        const reach = { fromAt, untilAt: before(FRESH_MS) };
        const done = await findFinishedStudy(tx, policyId, reach);
        const studyId = done ?? (await findUnfinishedStudy(tx, policyId, reach)) ?? newId('study');
        await insertStudy(tx, { id: studyId, policyId, fromAt, toAt: at, requestedBy: policy.submittedBy ?? 'system' });
        if (submission.feedbackId) await changeCase(tx, submission.feedbackId, null, { policyId, studyId });
        return { studyId, isDone: done !== undefined };
      });
    },

    /** @returns the persons behind a decision on a policy, all of whom count for four eyes */
    async policyPersons({ programId, taskId }: { programId: string; taskId: string }): Promise<string[]> {
      return inTransaction(pool, programId, async (tx) => (await readTaskPersons(tx, taskId)).persons);
    },

    async rejectPolicy({ programId, policyId, by, at }: PolicyMoment & { by: Actor }): Promise<void> {
      await inTransaction(pool, programId, async (tx) => {
        if (await rejectPolicyRow(tx, policyId)) await note(tx, policyId, 'policy.rejected', { actor: by, at });
      });
    },

    /** Rejects a policy for which no study succeeded, and tells who submitted it why. */
    async refuseUnstudied({ programId, policyId, reason, at }: PolicyMoment & { reason: string }): Promise<void> {
      await inTransaction(pool, programId, async (tx) => {
        const policy = await lockPolicy(tx, policyId);
        if (!(await rejectPolicyRow(tx, policyId))) return;
        await note(tx, policyId, 'policy.not-studied', { actor: SYSTEM, at, reason });
        await tellSubmitter(tx, policyId, policy, { template: 'policy-not-studied', data: { reason } });
      });
    },

    /**
     * Approves a policy: it is in force from the date that was asked for, or from now when that has passed, for it never holds
     * before its approval. The period is a fact, received under the intake barrier.
     */
    async approvePolicy({
      programId,
      policyId,
      taskIds,
      at,
    }: PolicyMoment & { taskIds: string[] }): Promise<{ effectiveFrom: string; reevaluateFrom: string | null }> {
      return inTransaction(pool, programId, async (tx) => {
        const receivedAt = await joinIntake(tx);
        await lockPolicies(tx);
        const policy = await lockPolicy(tx, policyId);
        if (!policy?.submission) throw new DomainError('not-found', `There is no submitted policy ${policyId}.`);
        const asked = policy.submission.effectiveFrom;
        const reevaluateFrom = policy.submission.reevaluateFrom ?? null;
        if (policy.state !== 'submitted') return { effectiveFrom: policy.effectiveFrom ?? asked, reevaluateFrom };
        const effectiveFrom = new Date(Math.max(Date.parse(asked), Date.parse(at))).toISOString();
        const approvedBy = [];
        for (const taskId of taskIds) approvedBy.push((await readTaskPersons(tx, taskId)).decider ?? 'unknown');
        await approvePolicyRow(tx, policyId, { effectiveFrom, approvedBy, at });
        await putInForce(tx, policy, effectiveFrom, receivedAt);
        await note(tx, policyId, 'policy.approved', { actor: { kind: 'system' }, at, effectiveFrom, approvedBy });
        if (Date.parse(effectiveFrom) > Date.parse(asked)) {
          await note(tx, policyId, 'policy.date-moved', { actor: { kind: 'system' }, at, effectiveFrom, asked });
        }
        return { effectiveFrom, reevaluateFrom };
      });
    },

    /**
     * Its instant has come. One whose place another took before is retired and never holds: it says so, and its submitter is told.
     * @returns whether that is so
     */
    async activatePolicy({ programId, policyId, at }: PolicyMoment): Promise<{ isReplaced: boolean }> {
      return inTransaction(pool, programId, async (tx) => {
        await lockPolicies(tx);
        const policy = await lockPolicy(tx, policyId);
        const state = await activatePolicyRow(tx, policyId, at);
        const by = await findReplacement(tx, policyId);
        if (state === 'active') await note(tx, policyId, 'policy.active', { actor: SYSTEM, at });
        else if (state === 'retired' && by !== undefined) {
          await note(tx, policyId, 'policy.replaced', { actor: SYSTEM, at, by });
          await tellSubmitter(tx, policyId, policy, { template: 'policy-replaced', data: {} });
        }
        return { isReplaced: by !== undefined };
      });
    },

    /** The policy that a case points at, when it was decided already; null while it waits, or for a case without one. */
    async settledPolicyOfCase({
      programId,
      feedbackId,
    }: {
      programId: string;
      feedbackId: string;
    }): Promise<PolicyDecision | null> {
      return inTransaction(pool, programId, (tx) => readSettledPolicy(tx, feedbackId));
    },
  };
}

/** What became of the policy that a case points at; null while it is not decided, or for a case without one. */
export async function readSettledPolicy(tx: Tx, feedbackId: string): Promise<PolicyDecision | null> {
  const policyId = (await findCase(tx, feedbackId))?.policyId;
  const policy = policyId ? await findPolicy(tx, policyId) : undefined;
  if (policy?.state === 'rejected') return { policyId: policy.id, decision: 'rejected' };
  if (policy?.state !== 'active' && policy?.state !== 'retired') return null;
  if ((await findReplacement(tx, policy.id)) !== undefined) return { policyId: policy.id, decision: 'rejected' };
  if (policy.submission?.reevaluateFrom === undefined) return { policyId: policy.id, decision: 'active' };
  // One that is re-evaluated says itself when that is over; an overtaken re-evaluation is asked for anew.
  const evaluation = await findEvaluationOfPolicy(tx, policy.id);
  const about = { policyId: policy.id, evaluationId: evaluation?.id };
  if (evaluation?.state === 'done') return { ...about, decision: 'active' };
  const isEnded = evaluation?.state === 'cancelled' || evaluation?.state === 'failed';
  return isEnded && evaluation.overtakenBy === null ? { ...about, decision: 'not-reevaluated' } : null;
}

/** Whether a submission that stands is this very one, tried again: another one at the same time was not carried out and must be told so. */
function isSameSubmission({ submission, submittedBy }: PolicyVersion, asked: PolicySubmission, by: string): boolean {
  const text = (of: PolicySubmission) => JSON.stringify(SUBMITTED.map((field) => of[field] ?? null));
  return submission !== null && submittedBy === by && text(submission) === text(asked);
}

async function putInForce(
  tx: Tx,
  { id, body }: PolicyVersion,
  effectiveFrom: string,
  receivedAt: string,
): Promise<void> {
  await insertPolicyPeriods(tx, { id, conversionTypes: body.conversionTypes, effectiveFrom }, receivedAt);
  await queueIntakeWork(tx, [{ kind: 'range', fromAt: effectiveFrom }], receivedAt);
}

/** A mail to who submitted a policy, once per template. */
export async function tellSubmitter(
  tx: Tx,
  policyId: string,
  policy: PolicyVersion | undefined,
  { template, data }: { template: Extract<MailTemplate, `policy-${string}`>; data: object },
): Promise<void> {
  const to = policy?.submittedBy ? await findAddressee(tx, policy.submittedBy) : undefined;
  if (!to) return;
  await queueMail(tx, {
    key: `policy/${policyId}/${template.slice('policy-'.length)}`,
    template,
    language: to.language,
    to: { name: to.name, address: to.address },
    data: { policyId, ...data },
  });
}

async function note(
  tx: Tx,
  policyId: string,
  kind: EventKind,
  { actor, at, ...data }: { actor: Actor; at: string } & Record<string, unknown>,
): Promise<void> {
  await recordEvent(tx, {
    kind,
    actor,
    subject: { type: 'policy', id: policyId },
    data,
    at,
    workflow: currentWorkflow(),
  });
}
