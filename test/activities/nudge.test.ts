import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ensureFeeds } from '../../activities/chores/ensure-feeds.ts';
import { taskQueues } from '../../activities/deps.ts';
import type { ActivityDeps } from '../../activities/deps.ts';
import { createHoldActivities } from '../../activities/hold.ts';
import { nudgeFeed } from '../../activities/nudge.ts';
import { newId } from '../../db/ids.ts';
import type { Pool } from '../../db/pool.ts';
import { insertHold } from '../../db/queries/hold.ts';
import { inTransaction } from '../../db/transaction.ts';
import { createLogger } from '../../runtime/log.ts';
import { aPartner, aProgram } from '../support/ground.ts';
import { useTestPool } from '../support/pool.ts';
import { startTestClient } from '../support/temporal-client.ts';
import type { TestTemporalClient } from '../support/temporal-client.ts';
import { World } from './attribution/world.ts';

let temporal: TestTemporalClient;
let pool: Pool;
useTestPool((opened) => (pool = opened));
beforeAll(async () => {
  temporal = await startTestClient();
});
afterAll(() => temporal.stop());

const lines: string[] = [];
const log = createLogger('worker', { destination: { write: (line) => lines.push(line) } });
const deps = () =>
  ({ pool, client: temporal.client, log, taskQueues: taskQueues(temporal.prefix) }) as unknown as ActivityDeps;

const feedHandle = (programId: string) => temporal.client.workflow.getHandle(`attribution-feed/${programId}`);

async function signalsOf(programId: string): Promise<unknown[]> {
  const { events } = await feedHandle(programId).fetchHistory();
  return (events ?? []).flatMap((event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? []);
}

/** Confirms a hold on everything of the partner, as far as money is taken back; no worker runs. */
async function confirm(world: World, partnerId: string): Promise<void> {
  const { programId } = world;
  const id = newId('hold');
  const about = { id, partnerId, commissionId: null, conversionId: null, reason: 'fraud', untilAt: null };
  await inTransaction(pool, programId, (tx) => insertHold(tx, { ...about, placedBy: 'per_a', placedAt: world.now }));
  const { confirmHold } = createHoldActivities(deps());
  await confirmHold({ programId, subjectId: id, by: { kind: 'person', id: 'per_b' } } as Parameters<
    typeof confirmHold
  >[0]);
}

it('wakes the feed once the touchpoints of a confirmed hold are voided, and the same feed again', async () => {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const { partnerId } = await aPartner(pool, programId);
  await world.touch({ id: 't', partnerId, occurredAt: '2026-03-01T00:00:00Z' });
  await world.sale('s', 1_000, '2026-03-02T00:00:00Z');
  await world.drain();
  await confirm(world, partnerId);
  const feed = await feedHandle(programId).describe();
  expect([feed.type, feed.taskQueue]).toEqual(['attributionFeed', `${temporal.prefix}attribution`]);
  expect(await signalsOf(programId)).toEqual(['workArrived']);
  await nudgeFeed(deps(), programId);
  expect(await signalsOf(programId)).toEqual(['workArrived', 'workArrived']);
  // Nor does the chore start a second one.
  expect(await ensureFeeds(deps())).toBe(0);
  expect((await feedHandle(programId).describe()).runId).toBe(feed.runId);
  await feedHandle(programId).terminate();
});

it('leaves the feed alone where a hold covers no order', async () => {
  const { programId } = await aProgram(pool);
  const { partnerId } = await aPartner(pool, programId);
  await confirm(new World(pool, programId), partnerId);
  await expect(feedHandle(programId).describe()).rejects.toThrow(/not found/);
});

it('takes a nudge that fails for a line of the log', async () => {
  await nudgeFeed({ ...deps(), client: {} } as unknown as ActivityDeps, 'prg_x');
  expect(lines.at(-1)).toContain('the feed was not nudged');
});
