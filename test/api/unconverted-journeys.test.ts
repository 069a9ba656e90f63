import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { World } from '../activities/attribution/world.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';

const NOW = Date.now();
const daysAgo = (days: number) => new Date(NOW - days * 86_400_000).toISOString();

let api: ApiStack;
let world: World;
const post = (path: string, body: unknown) => api.send('POST', path, { key: api.keys.partner_manager, body });

beforeAll(async () => {
  api = await startApi();
  world = new World(api.pool, api.programId);
}, 120_000);
afterAll(() => api?.stop());

it('fits and compares a range with sales that no rate converts, and names their value beside', async () => {
  const source = { from: daysAgo(20), to: daysAgo(15) };
  const of = (customerId: string) => ({ identity: { customerId } });
  const yen = (minor: number) => ({ value: { minor, currency: 'JPY' } });
  for (const person of ['euro', 'yen'])
    await world.touch({ id: `t-${person}`, ...of(person), channel: 'podcast', occurredAt: daysAgo(19) });
  await world.sale('order-euro', 4_000, daysAgo(18), of('euro'));
  await world.sale('order-yen', 0, daysAgo(18), { ...of('yen'), ...yen(7_000) });
  await world.sale('order-alone', 0, daysAgo(17), { ...of('alone'), ...yen(500) });
  const fits = { method: 'shapley', source };
  const podcast = { channel: 'podcast', conversions: 2, share: 1 };
  const touched = [{ minor: 7_000, currency: 'JPY' }];
  expect(await post('/v1/attribution/fits', fits)).toMatchObject({
    status: 200,
    body: { channels: [{ ...podcast, value: 40 }], unconverted: touched },
  });
  expect((await post('/v1/attribution/fits/proposal', fits)).body).toMatchObject({ unconverted: touched });
  const compared = await post('/v1/attribution/compare', { source, models: ['linear'] });
  expect(compared.body).toMatchObject({
    models: [{ channels: [{ conversions: 2, value: 40 }], unattributed: { conversions: 1, value: 0 } }],
    unconverted: [{ minor: 7_500, currency: 'JPY' }],
  });
  const items = [18, 17].map((days) => ({ base: 'JPY', quote: 'EUR', day: daysAgo(days).slice(0, 10), rate: '0.01' }));
  const key = api.keys.finance;
  expect((await api.send('PUT', '/v1/fx-rates', { key, body: { items } })).status).toBe(200);
  const after = await post('/v1/attribution/compare', { source, models: ['linear'] });
  expect(after.body).toMatchObject({
    models: [{ channels: [{ value: 110 }], unattributed: { value: 5 } }],
    unconverted: [],
  });
});
