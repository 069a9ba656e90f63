import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WithStartWorkflowOperation } from '@temporalio/client';
import type { Activities } from '../../../activities/index.ts';
import { taskQueues } from '../../../activities/deps.ts';
import { newId } from '../../../db/ids.ts';
import type { Actor } from '../../../domain/actor.ts';
import type { CaseEvent } from '../../../domain/feedback/case.ts';
import { appealFeedback, openFeedback } from '../../../workflows/messages.ts';
import { aPartner } from '../../support/ground.ts';
import { eventually } from '../../support/eventually.ts';
import { startTestPostgres, startTestTemporal } from '../../support/stack.ts';
import type { TestPostgres, TestTemporal } from '../../support/stack.ts';
import { World as Facts } from '../../activities/attribution/world.ts';
import { World } from '../journey/world.ts';

let postgres: TestPostgres;
let temporal: TestTemporal;
let world: World;
/** Answers of `moveCase` that wait after their commit until they are let go, by event. */
const held = new Map<CaseEvent, Promise<void>>();

beforeAll(async () => {
  [postgres, temporal] = await Promise.all([startTestPostgres(), startTestTemporal()]);
  world = new World(temporal, postgres);
  world.between = (activities: Activities) => ({
    ...activities,
    moveCase: async (step) => {
      const state = await activities.moveCase(step);
      await held.get(step.event);
      return state;
    },
  });
  await world.start(['journeys', 'attribution']);
}, 120_000);
afterAll(async () => {
  await world.stop();
  await temporal.stop();
  await postgres.stop();
});

function hold(event: CaseEvent): () => void {
  let letGo!: () => void;
  held.set(event, new Promise((resolve) => (letGo = resolve)));
  return () => {
    held.delete(event);
    letGo();
  };
}

async function openCase(): Promise<{ feedbackId: string; partnerId: string }> {
  const { partnerId } = await aPartner(world.pool, world.programId);
  const feedbackId = newId('feedback');
  const actor: Actor = { kind: 'partner', id: partnerId };
  const commandId = await world.type('feedback.open', feedbackId, actor, { kind: 'idea', message: 'A thought.' });
  await world.client.workflow.executeUpdateWithStart(openFeedback, {
    args: [{ commandId, actor, partnerId, feedbackId }],
    updateId: commandId,
    startWorkflowOperation: new WithStartWorkflowOperation('feedbackCase', {
      workflowId: `feedback/${feedbackId}`,
      taskQueue: taskQueues(temporal.prefix).journeys,
      args: [{ programId: world.programId, partnerId, feedbackId }],
      workflowIdConflictPolicy: 'USE_EXISTING',
    }),
  });
  return { feedbackId, partnerId };
}

const handleOf = (feedbackId: string) => world.client.workflow.getHandle(`feedback/${feedbackId}`);

function untilState(feedbackId: string, state: string): Promise<void> {
  return eventually(async () => {
    const [row] = await world.rows<{ state: string }>('select state from feedback where id = $1', [feedbackId]);
    expect(row?.state).toBe(state);
  });
}

/** Sends an appeal. @returns its result, once the server has admitted the update */
async function appeal({ feedbackId, partnerId }: { feedbackId: string; partnerId: string }) {
  const actor: Actor = { kind: 'partner', id: partnerId };
  const commandId = await world.type('feedback.appeal', feedbackId, actor, { message: 'Look again.' });
  const update = await handleOf(feedbackId).startUpdate(appealFeedback, {
    args: [{ commandId, actor }],
    updateId: commandId,
    waitForStage: 'ACCEPTED',
  });
  return { result: update.result() };
}

describe('an appeal', () => {
  it.each(['answer', 'decline'] as const)(
    'is taken when the row has the %s and the workflow has not heard of it yet',
    async (outcome) => {
      const one = await openCase();
      const letGo = hold(outcome);
      try {
        await world.decide('feedback.triage', one.partnerId, outcome, 'manager', {
          reason: 'No.',
          data: { message: 'No.' },
        });
        await untilState(one.feedbackId, outcome === 'answer' ? 'answered' : 'declined');
        const { result } = await appeal(one);
        letGo();
        await expect(result).resolves.toEqual({ feedbackId: one.feedbackId });
      } finally {
        letGo();
      }
      await untilState(one.feedbackId, 'appealed');
      await world.openTask('feedback.appeal', one.partnerId);
    },
  );

  it('is refused when the step under way is no answer', async () => {
    const one = await openCase();
    const letGo = hold('ask');
    try {
      await world.decide('feedback.triage', one.partnerId, 'ask', 'manager', { data: { message: 'Which?' } });
      await untilState(one.feedbackId, 'waiting-for-information');
      const { result } = await appeal(one);
      letGo();
      await expect(result).rejects.toMatchObject({ cause: { type: 'illegal-transition' } });
    } finally {
      letGo();
    }
    await world.openTask('feedback.information', one.partnerId);
  });

  it('that came in time is heard although its time ends before it is written', async () => {
    await world.setSetting('durations.appealWithin', 'PT2S');
    const one = await openCase();
    await world.decide('feedback.triage', one.partnerId, 'answer', 'manager', { data: { message: 'No.' } });
    await untilState(one.feedbackId, 'answered');
    const letGo = hold('appeal');
    try {
      await appeal(one);
      await eventually(async () => {
        const { events } = await handleOf(one.feedbackId).fetchHistory();
        const timers = new Set(
          events!.flatMap(({ timerStartedEventAttributes: timer }) =>
            timer?.startToFireTimeout?.seconds?.toString() === '2' ? [timer.timerId] : [],
          ),
        );
        expect(events!.some((event) => timers.has(event.timerFiredEventAttributes?.timerId))).toBe(true);
      });
    } finally {
      letGo();
    }
    await world.openTask('feedback.appeal', one.partnerId);
    await untilState(one.feedbackId, 'appealed');
  });

  it('that changes the answer to a partner who was asked corrects the order, and the case is closed', async () => {
    await world.setSetting('durations.appealWithin', 'P30D');
    const one = await openCase();
    const facts = new Facts(world.pool, world.programId);
    const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    await facts.touch(
      { id: 'ours', partnerId: one.partnerId, occurredAt: ago(3) },
      { id: 'mail', channel: 'system_email', occurredAt: ago(2) },
    );
    const conversionId = await facts.sale('order-1', 10_000, ago(1));
    await facts.drain();
    expect(await facts.commission(one.partnerId, 'order-1')).toBe(0);

    const ask = { data: { message: 'Which order?' } };
    await world.decide('feedback.triage', one.partnerId, 'ask', 'manager', ask);
    const answer = { data: { message: 'order-1' } };
    await world.decide('feedback.information', one.partnerId, 'answered', 'partner', answer);
    await world.decide('feedback.triage', one.partnerId, 'decline', 'manager', { reason: 'The mail came last.' });
    await untilState(one.feedbackId, 'declined');
    await (
      await appeal(one)
    ).result;
    const task = await world.openTask('feedback.appeal', one.partnerId);
    const change = { data: { message: 'You are right.', conversionId, voidTouchpointId: 'mail' } };
    await expect(world.complete(task, 'change', world.person('manager'), change)).rejects.toThrow();
    await world.complete(task, 'change', world.person('manager2'), change);
    await handleOf(one.feedbackId).result();

    expect(await facts.commission(one.partnerId, 'order-1')).toBe(1_000);
    await untilState(one.feedbackId, 'closed');
    const said = await world.rows(
      `select split_part(cause, '/', 1) as cause, text from feedback_message where feedback_id = $1 order by at, id`,
      [one.feedbackId],
    );
    expect(said.map(({ cause }) => cause)).toEqual([
      ...['opened', 'ask', 'information-given', 'decline', 'appeal', 'change', 'carried-out', 'appeal-time-over'],
    ]);
    expect(said.find(({ cause }) => cause === 'information-given').text).toBe('order-1');
  });
});
