import { allHandlersFinished, condition, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type { Actor } from '../domain/actor.ts';
import type { CaseAnswer, CaseEvent, CaseState } from '../domain/feedback/case.ts';
import { record } from './activity-proxies.ts';
import { createTaskDesk, emptyTaskDesk } from './human-task.ts';
import type { TaskAnswer, TaskDesk } from './human-task.ts';
import { appealFeedback, openFeedback, policyDecided } from './messages.ts';
import type { PolicyDecision } from './messages.ts';
import { now } from './pause.ts';
import { refuse } from './refusal.ts';
import { thrownCause } from './thrown.ts';
import { showStage } from './waiting.ts';

export interface FeedbackCaseInput {
  programId: string;
  partnerId: string;
  feedbackId: string;
}

const SYSTEM: Actor = { kind: 'system' };

/** Pauses between looks whether a correction is credited and posted. */
const CAUGHT_UP_PAUSES = ['1 second', '5 seconds', '30 seconds', '5 minutes'] as const;

/** What stands of a case while it runs. */
interface Standing {
  state: CaseState | 'unopened' | 'refused';
  /** Steps under way: the row may have moved already while its state here is the one before. */
  moving: number;
  appealCommand?: string;
  policies: PolicyDecision[];
  limits: { questions: number; appealWithinMs: number };
}

/**
 * What a partner told us, from the first word to the answer: triage, questions, one order corrected or a policy reviewed, and one
 * appeal to another person.
 */
export async function feedbackCase(input: FeedbackCaseInput): Promise<string> {
  const scope = { programId: input.programId, partnerId: input.partnerId, workflowId: workflowInfo().workflowId };
  const standing: Standing = {
    state: 'unopened',
    moving: 0,
    policies: [],
    limits: { questions: 0, appealWithinMs: 0 },
  };
  const desk = createTaskDesk(emptyTaskDesk(), scope);
  listen(input, standing);
  await record.noteRun({
    programId: input.programId,
    partnerId: input.partnerId,
    subject: { type: 'feedback', id: input.feedbackId },
  });
  await condition(() => standing.state !== 'unopened');
  if (standing.state === 'refused') return standing.state;

  showStage(scope, 'triage');
  const deciders = await triage(input, desk, standing);
  showStage(scope, 'answered');
  const { appealWithinMs } = standing.limits;
  await condition(() => standing.state === 'appealed', Math.max(1, appealWithinMs));
  // An appeal that came in time counts, however long it takes to be written.
  await condition(() => standing.moving === 0);
  if (standing.state === 'appealed') await hearAppeal(input, desk, standing, deciders);
  else await move(input, standing, 'appeal-time-over', SYSTEM, 'appeal-time-over');
  await condition(allHandlersFinished);
  return standing.state;
}

function listen(input: FeedbackCaseInput, standing: Standing): void {
  const { programId, feedbackId } = input;
  setHandler(openFeedback, async ({ commandId, actor, partnerId }) => {
    try {
      standing.limits = await record.openCase({ programId, partnerId, feedbackId, commandId, actor, at: now() });
      standing.state = 'open';
      return { feedbackId };
    } catch (error) {
      standing.state = 'refused';
      throw thrownCause(error);
    }
  });
  setHandler(
    appealFeedback,
    async ({ commandId, actor }) => {
      standing.appealCommand = commandId;
      try {
        // A loop, because another step may begin in the turn in which one ends.
        while (standing.moving > 0) await condition(() => standing.moving === 0);
        assertAppealable(standing);
        await move(input, standing, 'appeal', actor, 'appeal', { commandId });
      } catch (error) {
        standing.appealCommand = undefined;
        throw thrownCause(error);
      }
      return { feedbackId };
    },
    {
      validator: ({ commandId }) => {
        if (standing.appealCommand !== undefined && standing.appealCommand !== commandId) {
          throw refuse('illegal-transition', 'There is one appeal, and it was made.');
        }
        // While a step is under way its outcome decides, not the state before it.
        if (standing.appealCommand === undefined && standing.moving === 0) assertAppealable(standing);
      },
    },
  );
  setHandler(policyDecided, (decided) => void standing.policies.push(decided));
}

function assertAppealable({ state }: Standing): void {
  if (state === 'answered' || state === 'declined') return;
  throw refuse('illegal-transition', `A case that is ${state} cannot be appealed.`);
}

/** Asks the team until the case is answered or declined. @returns the persons who decided on it; none of them hears an appeal */
async function triage(input: FeedbackCaseInput, desk: TaskDesk, standing: Standing): Promise<string[]> {
  const { partnerId, feedbackId } = input;
  const subject = { type: 'feedback', id: feedbackId };
  const deciders = new Set<string>();
  let questions = 0;
  for (let round = 1; ; round += 1) {
    const answer = await desk.ask({ key: `triage/${round}`, kind: 'feedback.triage', partnerId, subject });
    if (answer.by.id) deciders.add(answer.by.id);
    switch (answer.outcome) {
      case 'answer':
      case 'decline':
        await moveBy(input, standing, answer, answer.outcome);
        return [...deciders];
      case 'ask':
        if (questions >= standing.limits.questions) break;
        questions += 1;
        await moveBy(input, standing, answer, 'ask');
        await askPartner(input, standing, desk, round);
        break;
      case 'correct':
        if (!(await correct(input, answer, 'correct', standing))) break;
        return [...deciders];
      case 'review-policy':
        await moveBy(input, standing, answer, 'review-policy');
        await waitForPolicy(input, standing, answer);
        return [...deciders];
    }
  }
}

async function askPartner(input: FeedbackCaseInput, standing: Standing, desk: TaskDesk, round: number): Promise<void> {
  const { partnerId, feedbackId } = input;
  const answer = await desk.ask({
    key: `information/${round}`,
    kind: 'feedback.information',
    partnerId,
    subject: { type: 'feedback', id: feedbackId },
  });
  if (answer.outcome === 'answered') return moveBy(input, standing, answer, 'information-given');
  // Decided without what was asked for.
  return move(input, standing, 'information-deadline', SYSTEM, `information-deadline/${round}`);
}

/** A fact first, then the case; the partner is told once the order is credited and posted anew. */
async function correct(
  input: FeedbackCaseInput,
  answer: TaskAnswer,
  event: 'correct' | 'change',
  standing: Standing,
): Promise<boolean> {
  const { programId, feedbackId } = input;
  const { commandId, by } = answer;
  if (commandId === undefined || by.id === undefined) return false;
  const { isCorrected, through } = await record.correctOrder({ programId, feedbackId, commandId, approvedBy: by.id });
  if (!isCorrected && event === 'correct') return false;
  await moveBy(input, standing, answer, event);
  for (let look = 0; isCorrected && !(await record.isCaughtUp({ programId, through })); look += 1) {
    await sleep(CAUGHT_UP_PAUSES[Math.min(look, CAUGHT_UP_PAUSES.length - 1)]!);
  }
  const told = isCorrected ? { answer: 'order-corrected' as const } : {};
  await move(input, standing, 'carried-out', SYSTEM, `carried-out/${answer.taskId}`, told);
  return true;
}

/** The policy that names this case was decided: what it asked for is carried out, or is not. */
async function waitForPolicy(input: FeedbackCaseInput, standing: Standing, answer: TaskAnswer): Promise<void> {
  const { programId, feedbackId } = input;
  // The policy may have been decided before anybody linked the case with it.
  const settled = await record.settledPolicyOfCase({ programId, feedbackId });
  if (settled) standing.policies.push(settled);
  await condition(() => standing.policies.length > 0);
  const decided = standing.policies.at(-1)!;
  const { policyId, decision, evaluationId } = decided;
  await record.linkCase({ programId, feedbackId, policyId, evaluationId, at: now() });
  const event = decision === 'active' ? 'carried-out' : 'not-carried-out';
  return move(input, standing, event, SYSTEM, `${event}/${answer.taskId}`, { answer: answerOf(decided) });
}

function answerOf({ decision, evaluationId }: PolicyDecision): CaseAnswer {
  if (decision === 'rejected') return 'rule-not-changed';
  if (decision === 'not-reevaluated') return 'rule-changed-not-posted';
  return evaluationId === undefined ? 'rule-changed' : 'rule-changed-and-posted';
}

/** The one appeal, heard by somebody who has not decided on this case. */
async function hearAppeal(
  input: FeedbackCaseInput,
  desk: TaskDesk,
  standing: Standing,
  deciders: string[],
): Promise<void> {
  const { partnerId, feedbackId } = input;
  const answer = await desk.ask({
    key: 'appeal',
    kind: 'feedback.appeal',
    partnerId,
    subject: { type: 'feedback', id: feedbackId },
    excludedPersons: deciders,
  });
  if (answer.outcome === 'uphold') {
    await moveBy(input, standing, answer, 'uphold');
    return;
  }
  await correct(input, answer, 'change', standing);
  await move(input, standing, 'appeal-time-over', SYSTEM, 'appeal-time-over');
}

function moveBy(input: FeedbackCaseInput, standing: Standing, answer: TaskAnswer, event: CaseEvent): Promise<void> {
  return move(input, standing, event, answer.by, `${event}/${answer.taskId}`, { commandId: answer.commandId });
}

async function move(
  { programId, feedbackId }: FeedbackCaseInput,
  standing: Standing,
  event: CaseEvent,
  actor: Actor,
  cause: string,
  words: { commandId?: string; answer?: CaseAnswer } = {},
): Promise<void> {
  standing.moving += 1;
  try {
    standing.state = await record.moveCase({ programId, feedbackId, event, actor, cause, ...words, at: now() });
  } finally {
    standing.moving -= 1;
  }
}
