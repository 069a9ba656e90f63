import { afterAll, beforeAll, expect, it } from '@jest/globals';
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

const program = async () => (await api.send('GET', '/v1/program', { key: api.keys.auditor })).body;

it('changes a plain setting at once', async () => {
  const body = { settings: { gates: { counterRounds: 1 } } };
  const reply = await api.send('PATCH', '/v1/program', { key: api.keys.owner, body });
  expect(reply.body.settings.gates.counterRounds).toBe(1);
  expect(reply.body.pending).toBeUndefined();
});

it('changes a money setting only after another person agreed', async () => {
  const body = { settings: { thresholds: { minimumPayoutMinor: 5_000 } } };
  const asked = await api.send('PATCH', '/v1/program', { key: api.keys.owner, body });
  expect(asked).toMatchObject({ status: 200, body: { settings: { thresholds: { minimumPayoutMinor: 0 } } } });
  const { taskId } = asked.body.pending;
  const decide = (key: string | undefined) =>
    api.send('POST', `/v1/tasks/${taskId}/complete`, { key, body: { outcome: 'approve' } });
  expect((await decide(api.keys.owner)).body).toMatchObject({ status: 403, code: 'own-request' });
  expect((await decide(api.keys.legal)).status).toBe(403);
  expect((await decide(api.keys.finance)).status).toBe(200);
  await eventually(async () => {
    expect((await program()).settings.thresholds.minimumPayoutMinor).toBe(5_000);
  });
});

it('replaces the markets', async () => {
  const { body } = await api.send('GET', '/v1/markets', { key: api.keys.developer });
  const items = body.items.filter(({ code }: any) => code !== 'JP');
  const reply = await api.send('PUT', '/v1/markets', { key: api.keys.owner, body: { items } });
  expect(reply.body.items).toEqual(items);
});

it('links a person to a partner, and keeps the last owner', async () => {
  const path = `/v1/people/${api.people.reviewer}`;
  const linked = await api.send('PATCH', path, { key: api.keys.owner, body: { conflicts: ['prt_x'] } });
  expect(linked.body.conflicts).toEqual(['prt_x']);
  const owner = `/v1/people/${api.people.owner}`;
  const refused = await api.send('PATCH', owner, { key: api.keys.owner, body: { roles: ['auditor'] } });
  expect(refused.body).toMatchObject({ status: 422, errors: [{ path: 'roles' }] });
});
