import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from '@temporalio/client';
import { createHistorySweep } from '../../activities/chores/archive-histories.ts';
import type { ApiDeps } from '../../api/deps.ts';
import { historyPositions } from '../../api/history-position.ts';
import { listTimeline } from '../../db/queries/timeline.ts';
import { inTransaction } from '../../db/transaction.ts';
import { createLogger } from '../../runtime/log.ts';
import { eventually } from '../support/eventually.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { startApiWorker } from './api-worker.ts';

let api: ApiStack;
let stopWorker: () => Promise<void>;
beforeAll(async () => {
  api = await startApi();
  stopWorker = await startApiWorker(api);
});
afterAll(async () => {
  await stopWorker?.();
  await api?.stop();
});

const ANSWERS = { audienceSize: 48_000, channels: ['video'], verticals: ['marketing'], regions: ['DE'] };
const get = async (path: string) => (await api.send('GET', path, { key: api.keys.owner })).body;
const timelineOf = async (partnerId: string) => (await get(`/v1/partners/${partnerId}/timeline?limit=200`)).items;

/** A partner who was declined, and whose run has ended. */
const aDeclined = async (email: string): Promise<{ partnerId: string; runId: string }> => {
  const answer = await api.send('POST', '/v1/applications', {
    body: { name: 'Mira Films', email, type: 'creator', country: 'DE', programId: api.programId, answers: ANSWERS },
  });
  const partnerId: string = answer.body.id;
  const task = await eventually(async () => {
    const [found] = (await get(`/v1/tasks?partnerId=${partnerId}&kind=application.decision&state=open`)).items;
    if (!found) throw new Error('The application is not with the team yet.');
    return found;
  });
  const body = { outcome: 'decline', reason: 'Another field.' };
  expect(
    (await api.send('POST', `/v1/tasks/${task.id}/complete`, { key: api.keys.partner_manager, body })).status,
  ).toBe(200);
  const handle = api.temporal.client.workflow.getHandle(`partner/${partnerId}`);
  await handle.terminate('the test needs a closed run');
  return { partnerId, runId: (await handle.describe()).runId };
};

/** What an API says of these lines whose Temporal does not know the run any more. */
const positionsWithoutTemporal = async (partnerId: string) => {
  const { client, address } = api.temporal;
  const elsewhere = new Client({ connection: client.connection, namespace: `no-namespace-of-${address}` });
  const deps = { pool: api.pool, client: elsewhere } as unknown as ApiDeps;
  const principal = { programId: api.programId };
  const rows = await inTransaction(api.pool, api.programId, (tx) => listTimeline(tx, { partnerId, limit: 100 }));
  const positionOf = await historyPositions({ deps, principal } as never, rows);
  return rows.map((row) => ({ ...row, eventId: positionOf(row) }));
};

/** Which activity writes which line, by the code of the activities. */
const WRITERS: Record<string, string> = { 'task.opened': 'openTask', 'task.decided': 'recordDecision' };

const expectToOpen = (line: any, events: any[]) => {
  const event = events.find(({ eventId }) => Number(eventId) === line.workflow.eventId);
  expect(event?.activityTaskScheduledEventAttributes?.activityType?.name).toBe(WRITERS[line.kind]);
  return event;
};

it('opens, by the number in a line, the event of the living history that scheduled the activity which wrote it', async () => {
  const { body } = await api.send('POST', '/v1/partners', {
    key: api.keys.partner_manager,
    body: { name: 'Mira Films', email: 'live@partners.example', type: 'creator', country: 'DE' },
  });
  const lines = await eventually(async () => {
    const found = (await timelineOf(body.id)).filter(({ kind }: any) => kind === 'task.opened');
    expect(found).toHaveLength(1);
    return found;
  });
  const { events } = await get(`/v1/partners/${body.id}/history/${lines[0].workflow.runId}`);
  const event = expectToOpen(lines[0], events);
  // What the activity was given names the same thing as the line.
  const given = Buffer.from(event.activityTaskScheduledEventAttributes.input.payloads[0].data, 'base64').toString();
  expect(JSON.parse(given)).toMatchObject({ kind: 'partner.survey', partnerId: body.id });
});

it('finds the number in the archived history when Temporal has forgotten the run', async () => {
  const { partnerId, runId } = await aDeclined('archived@partners.example');
  const sweep = createHistorySweep({ pool: api.pool, client: api.temporal.client, log: createLogger('worker') });
  await eventually(async () => {
    await sweep();
    const [run] = (await get(`/v1/partners/${partnerId}/history`)).items;
    expect(run).toMatchObject({ runId, archived: true });
  });
  const { events } = await get(`/v1/partners/${partnerId}/history/${runId}`);
  const lines = (await positionsWithoutTemporal(partnerId)).filter(({ kind }) => kind in WRITERS);
  expect(new Set(lines.map(({ kind }) => kind))).toEqual(new Set(Object.keys(WRITERS)));
  for (const { kind, eventId } of lines) expectToOpen({ kind, workflow: { eventId } }, events);
});

it('gives the line without a number when the history is nowhere any more', async () => {
  const { partnerId } = await aDeclined('gone@partners.example');
  const lines = await positionsWithoutTemporal(partnerId);
  expect(lines.filter(({ activityId }) => activityId !== null).length).toBeGreaterThan(2);
  expect(new Set(lines.map(({ eventId }) => eventId))).toEqual(new Set([null]));
});
