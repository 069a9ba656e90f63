import { allHandlersFinished, condition, setHandler, workflowInfo } from '@temporalio/workflow';
import { SYSTEM } from '../domain/actor.ts';
import { mayRequestChanges, nextContentState } from '../domain/content/review.ts';
import type { ContentState } from '../domain/content/review.ts';
import type { Actor } from '../domain/actor.ts';
import { record } from './activity-proxies.ts';
import { createTaskDesk, emptyTaskDesk } from './human-task.ts';
import type { TaskAnswer, TaskDesk } from './human-task.ts';
import { partnerEnded, submitContent } from './messages.ts';
import type { SubmitContent } from './messages.ts';
import { now } from './pause.ts';
import { refuse } from './refusal.ts';
import { thrownCause } from './thrown.ts';
import { showStage } from './waiting.ts';

export interface ContentReviewInput {
  programId: string;
  partnerId: string;
  contentId: string;
}

interface Review extends ContentReviewInput {
  desk: TaskDesk;
  /** The partner has ended: nobody is asked any more. */
  isOver: boolean;
}

/**
 * One thing that a partner publishes: drafts in rounds until a person approves, then its publication. Withdrawn when the partnership
 * ends before that.
 */
export async function contentReview(input: ContentReviewInput): Promise<void> {
  const { programId, partnerId, contentId } = input;
  const scope = { programId, partnerId, workflowId: workflowInfo().workflowId };
  const desk = createTaskDesk(emptyTaskDesk(), scope);
  const submission = receiveDraft(input);
  const review: Review = { ...input, desk, isOver: false };
  setHandler(partnerEnded, () => void (review.isOver = true));
  await record.noteRun({ programId, partnerId, subject: { type: 'content', id: contentId } });
  await condition(() => submission.commandId !== undefined || submission.isRefused);
  if (submission.commandId !== undefined) {
    showStage(scope, 'review');
    const approved = await reviewRounds(review);
    if (approved) {
      showStage(scope, 'publication');
      await publish(review);
    }
  }
  showStage(scope, 'closed');
  await condition(allHandlersFinished);
}

/** The update that makes the content and hands in its first draft; the same command again finds both. */
function receiveDraft(input: ContentReviewInput): { commandId?: string; isRefused: boolean } {
  const submission: { commandId?: string; isRefused: boolean } = { isRefused: false };
  setHandler(submitContent, submit, {
    validator: ({ commandId }) => {
      if (submission.commandId !== undefined && submission.commandId !== commandId) {
        throw refuse('conflict', 'This content was handed in before.');
      }
    },
    description: 'Hands in the first draft',
  });

  async function submit({ commandId, actor }: SubmitContent): Promise<{ contentId: string }> {
    const step = { ...input, commandId, actor, at: now() };
    try {
      await record.createContent(step);
      await record.submitDraft({ ...step, round: 1 });
      submission.commandId = commandId;
      return { contentId: input.contentId };
    } catch (error) {
      submission.isRefused = true;
      throw thrownCause(error);
    }
  }
  return submission;
}

/** Review, changes, review again. @returns whether a draft was approved */
async function reviewRounds(review: Review): Promise<boolean> {
  const { contentRounds } = await record.readPace({ programId: review.programId });
  for (let round = 1; ; round += 1) {
    const decision = await ask(
      review,
      'content.review',
      round,
      mayRequestChanges(round, contentRounds) ? undefined : ['approve', 'reject'],
    );
    if (decision === undefined) return withdraw(review, 'in_review');
    const to = moved('in_review', decision.outcome, 'approved', 'rejected', 'changes_requested');
    await record.decideRound({
      ...about(review, decision.by),
      ...{ round, outcome: decision.outcome, commandId: decision.commandId, to },
    });
    if (to !== 'changes_requested') return to === 'approved';
    const revision = await ask(review, 'content.revision', round);
    if (revision === undefined) return withdraw(review, 'changes_requested');
    const back = moved('changes_requested', revision.outcome, 'in_review', 'withdrawn');
    if (back === 'withdrawn') {
      await record.moveContent({ ...about(review, revision.by), to: back });
      return false;
    }
    const draft = { ...about(review, revision.by), round: round + 1, commandId: revision.commandId! };
    await record.submitDraft(draft);
  }
}

/** The partner says where it is published, or that it will not be. */
async function publish(review: Review): Promise<void> {
  const answer = await ask(review, 'content.publication', 1);
  if (answer === undefined) return void (await withdraw(review, 'approved'));
  const { by, commandId } = answer;
  const to = moved('approved', answer.outcome, 'published', 'withdrawn');
  await record.moveContent({ ...about(review, by), to, ...(to === 'published' && { commandId }) });
}

/** The partnership ended before the content was published. @returns false: it is not approved */
async function withdraw(review: Review, from: ContentState): Promise<false> {
  const to = moved(from, 'partner-ended', 'withdrawn');
  await record.moveContent({ ...about(review), to, cause: 'partner-ended' });
  return false;
}

/** The state after an outcome, by the rule; tasks offer no outcome that it does not know. */
function moved<To extends ContentState>(from: ContentState, outcome: string, ...possible: To[]): To {
  const to = nextContentState(from, outcome);
  const found = possible.find((state) => state === to);
  if (found === undefined) throw refuse('illegal-transition', `Content that is ${from} cannot take "${outcome}".`);
  return found;
}

/** Asks unless the partner has ended. @returns undefined when it has, or did before anybody answered */
async function ask(
  review: Review,
  kind: 'content.review' | 'content.revision' | 'content.publication',
  round: number,
  outcomes?: string[],
): Promise<TaskAnswer | undefined> {
  if (review.isOver) return undefined;
  const { desk, partnerId, contentId } = review;
  const answer = await desk.ask({
    ...{ key: `${kind}/${round}`, kind, partnerId, subject: { type: 'content', id: contentId } },
    ...{ data: { contentId, round }, outcomes, cancelWhen: () => review.isOver },
  });
  return answer.outcome === 'cancelled' ? undefined : answer;
}

function about({ programId, partnerId, contentId }: Review, actor: Actor = SYSTEM) {
  return { programId, partnerId, contentId, actor, at: now() };
}
