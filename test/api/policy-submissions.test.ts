import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { startApiWorker } from './api-worker.ts';

let api: ApiStack;
let stop: () => Promise<void>;
beforeAll(async () => {
  api = await startApi();
  stop = await startApiWorker(api);
}, 120_000);
afterAll(async () => {
  await stop?.();
  await api?.stop();
});

it.each([1, 2, 3])('of two submissions of a draft at once one stands, and the other is told so (%i)', async (no) => {
  const { body: draft } = await api.send('POST', '/v1/attribution/policies', {
    key: api.keys.partner_manager,
    body: { name: `Of two ${no}`, model: { kind: 'linear' } },
  });
  const path = `/v1/attribution/policies/${draft.id}`;
  const days = ['2030-01-01T00:00:00.000Z', '2030-02-01T00:00:00.000Z'];
  const replies = await Promise.all(
    ['partner_manager', 'partner_manager2'].map((who, index) =>
      api.send('POST', `${path}/submit`, { key: api.keys[who]!, body: { effectiveFrom: days[index], reason: who } }),
    ),
  );
  expect(replies.map(({ status }) => status).sort()).toEqual([202, 409]);
  const stands = days[replies.findIndex(({ status }) => status === 202)];
  const { body } = await api.send('GET', path, { key: api.keys.auditor! });
  expect(body).toMatchObject({ state: 'submitted', submission: { effectiveFrom: stands } });
  const run = await api.temporal.client.workflow.getHandle(`policy/${draft.id}`).describe();
  expect(run.status.name).toBe('RUNNING');
});
