import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '../../db/ids.ts';
import { insertCase } from '../../db/queries/feedback.ts';
import { inTransaction } from '../../db/transaction.ts';
import { daysAgo } from '../support/days-ago.ts';
import { eventually } from '../support/eventually.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { startApiWorker } from './api-worker.ts';
import { insertTestPartner } from './partner-row.ts';

let api: ApiStack;
let stop: () => Promise<void>;
/** Whom the second manager is linked to. */
let partnerId: string;
beforeAll(async () => {
  api = await startApi();
  stop = await startApiWorker(api);
  partnerId = await insertTestPartner(api.pool, api.programId, 'Mira');
  const linked = { key: api.keys.owner, body: { conflicts: [partnerId] } };
  expect((await api.send('PATCH', `/v1/people/${api.people.partner_manager2}`, linked)).status).toBe(200);
}, 120_000);
afterAll(async () => {
  await stop?.();
  await api?.stop();
});

async function aCase(): Promise<string> {
  const [id, at] = [newId('feedback'), daysAgo(1)];
  const opened = { id, partnerId, kind: 'attribution' as const, conversionId: null, dueAt: null, openedAt: at };
  await inTransaction(api.pool, api.programId, (tx) => insertCase(tx, { ...opened, workflowId: `feedback/${id}` }));
  return id;
}

/** Submits a draft by the first manager. @returns what the second is answered who approves it */
async function approvedByLinked(name: string, rules: object, more: object = {}) {
  const key = api.keys.partner_manager;
  const draft = { name, model: { kind: 'linear' }, ...rules };
  const { body } = await api.send('POST', '/v1/attribution/policies', { key, body: draft });
  const submission = { effectiveFrom: '2030-01-01T00:00:00Z', reason: 'Why', ...more };
  const path = `/v1/attribution/policies/${body.id}/submit`;
  expect((await api.send('POST', path, { key, body: submission })).status).toBe(202);
  const taskId = await eventually(async () => {
    const tasks = await api.send('GET', '/v1/tasks?kind=policy.approval&state=open&limit=200', { key });
    const task = tasks.body.items.find(({ subject }: any) => subject.id === body.id);
    if (!task) throw new Error('No task yet.');
    return task.id;
  });
  const decision = { key: api.keys.partner_manager2, body: { outcome: 'approve' } };
  return api.send('POST', `/v1/tasks/${taskId}/complete`, decision);
}

const isRefused = { status: 403, body: { code: 'linked-person', detail: expect.stringContaining('linked to') } };

it('nobody approves a rule that names a partner they are linked to, or that answers a case of theirs', async () => {
  expect(await approvedByLinked('More', { multipliers: [{ partnerId, factor: 2 }] })).toMatchObject(isRefused);
  expect(await approvedByLinked('Less', { exclusions: [{ partnerId, mode: 'always' }] })).toMatchObject(isRefused);
  expect(await approvedByLinked('Asked for', {}, { feedbackId: await aCase() })).toMatchObject(isRefused);
  const other = await insertTestPartner(api.pool, api.programId, 'Noa');
  const ofAnother = await approvedByLinked('Of another', { multipliers: [{ partnerId: other, factor: 2 }] });
  expect(ofAnother).toMatchObject({ status: 200 });
}, 120_000);
