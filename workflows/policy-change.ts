import { allHandlersFinished, condition, patched, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Actor } from '../domain/actor.ts';
import { record } from './activity-proxies.ts';
import { createTaskDesk, emptyTaskDesk } from './human-task.ts';
import type { TaskDesk } from './human-task.ts';
import { reevaluationFinished, submitPolicy } from './messages.ts';
import { now, sleepUntil } from './pause.ts';
import { studyPolicy } from './policy-study.ts';
import { thrownCause } from './thrown.ts';
import { showStage } from './waiting.ts';

export interface PolicyChangeInput {
  programId: string;
  policyId: string;
}

/** Both steps of `policy.approval`, one after the other. */
const STEPS = ['partner_manager', 'finance'] as const;
const LOOK_AGAIN = '1 hour';

interface Standing {
  by: Actor | null;
  isRefused: boolean;
  /** Submissions under way: while one is, another's refusal does not end the run. */
  submitting: number;
  feedbackId?: string;
  finished: Map<string, string>;
}

/** A draft on its way into force: impact study, two approvals, active from a date, past conversions credited anew, everybody told. */
export async function policyChange(input: PolicyChangeInput): Promise<string> {
  const { programId, policyId } = input;
  const scope = { programId, workflowId: workflowInfo().workflowId };
  const standing: Standing = { by: null, isRefused: false, submitting: 0, finished: new Map() };
  const desk = createTaskDesk(emptyTaskDesk(), scope);
  listen(input, standing);
  await condition(() => standing.by !== null || (standing.isRefused && standing.submitting === 0));
  if (standing.by === null) return 'refused';
  await record.noteRun({ programId, subject: { type: 'policy', id: policyId } });

  showStage(scope, 'study');
  const study = await studyPolicy(input);
  if (!study.isDone) {
    await record.refuseUnstudied({ programId, policyId, reason: study.reason, at: now() });
    return notCarriedOut(input, standing, 'rejected');
  }

  showStage(scope, 'approval');
  const taskIds = await approve(input, desk, standing.by, study.studyId);
  const { feedbackId } = standing;
  if (taskIds === null) return notCarriedOut(input, standing, 'rejected');
  const { effectiveFrom, reevaluateFrom } = await record.approvePolicy({ programId, policyId, taskIds, at: now() });
  showStage(scope, 'approved');
  await sleepUntil(effectiveFrom);
  // Undefined in the history of an older version, which went on.
  const begun: { isReplaced: boolean } | undefined = await record.activatePolicy({ programId, policyId, at: now() });
  if (begun?.isReplaced) return notCarriedOut(input, standing, 'replaced');
  showStage(scope, 'active');
  const { evaluationId, isPosted } =
    reevaluateFrom === null
      ? { evaluationId: undefined, isPosted: true }
      : await reevaluate(input, standing, study.studyId);
  if (evaluationId !== undefined && !isPosted)
    await record.tellNotReevaluated({ programId, policyId, evaluationId, at: now() });
  await record.tellPartners({ programId, policyId, studyId: study.studyId, evaluationId, at: now() });
  const decision = isPosted ? 'active' : 'not-reevaluated';
  await record.tellCases({ programId, policyId, decision, feedbackId, evaluationId });
  await condition(allHandlersFinished);
  return 'active';
}

async function notCarriedOut(
  { programId, policyId }: PolicyChangeInput,
  { feedbackId }: Standing,
  result: 'rejected' | 'replaced',
): Promise<string> {
  await record.tellCases({ programId, policyId, decision: 'rejected', feedbackId });
  await condition(allHandlersFinished);
  return result;
}

function listen({ programId, policyId }: PolicyChangeInput, standing: Standing): void {
  setHandler(submitPolicy, async (submission) => {
    standing.submitting += 1;
    try {
      await record.submitPolicyDraft({ ...submission, programId, policyId, at: now() });
      standing.feedbackId = submission.feedbackId;
      standing.by ??= submission.actor;
      return { policyId };
    } catch (error) {
      if (standing.by === null) standing.isRefused = true;
      throw thrownCause(error);
    } finally {
      standing.submitting -= 1;
    }
  });
  setHandler(reevaluationFinished, ({ evaluationId, state }) => void standing.finished.set(evaluationId, state));
}

/** Two persons after each other, neither the submitter. @returns their tasks, or null when one rejects or lets the deadline pass */
async function approve(
  input: PolicyChangeInput,
  desk: TaskDesk,
  submitter: Actor,
  studyId: string,
): Promise<string[] | null> {
  const { programId, policyId } = input;
  const taskIds: string[] = [];
  const persons: string[] = [];
  for (const role of STEPS) {
    const { outcome, taskId, by } = await desk.ask({
      key: `approval/${role}`,
      kind: 'policy.approval',
      role,
      subject: { type: 'policy', id: policyId },
      requestedBy: submitter,
      excludedPersons: [...persons],
      data: { policyId, studyId },
    });
    if (outcome !== 'approve') {
      await record.rejectPolicy({ programId, policyId, by, at: now() });
      return null;
    }
    taskIds.push(taskId);
    persons.push(...(await record.policyPersons({ programId, taskId })));
  }
  return taskIds;
}

/**
 * Starts the re-evaluation and waits for its end; one that another overtook is followed by a new one, cut after that. Each time another was carried
 * out, so this ends. `studyId`: what was approved.
 */
async function reevaluate(
  { programId, policyId }: PolicyChangeInput,
  standing: Standing,
  studyId: string,
): Promise<{ evaluationId: string; isPosted: boolean }> {
  for (;;) {
    const { evaluationId } = await record.requestReevaluation({ programId, policyId, studyId, at: now() });
    await record.startReevaluation({ programId, evaluationId });
    await untilEnded(programId, standing, evaluationId);
    // An older version did not ask how it ended.
    if (!patched('reevaluation-ending')) return { evaluationId, isPosted: true };
    const { state, isOvertaken } = await record.readReevaluation({ programId, evaluationId });
    if (!isOvertaken) return { evaluationId, isPosted: state === 'done' };
  }
}

async function untilEnded(programId: string, standing: Standing, evaluationId: string): Promise<void> {
  while (!standing.finished.has(evaluationId)) {
    if (await condition(() => standing.finished.has(evaluationId), LOOK_AGAIN)) break;
    // In case the signal went astray.
    const { state } = await record.readReevaluation({ programId, evaluationId });
    if (['done', 'cancelled', 'failed'].includes(state)) break;
  }
}
