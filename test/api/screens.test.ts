import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { World } from '../activities/attribution/world.ts';
import { aPartner } from '../support/ground.ts';
import { eventually } from '../support/eventually.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { startApiWorker } from './api-worker.ts';

const DAY_MS = 86_400_000;
const NOW = Date.now();
const SALE_MS = NOW - 4 * DAY_MS;
const at = (ms: number) => new Date(ms).toISOString();
const range = { from: at(NOW - 7 * DAY_MS), to: at(NOW) };

let api: ApiStack;
let stopWorker: () => Promise<void>;
let world: World;
let honestId: string;
let hastyId: string;
let conversionId: string;

beforeAll(async () => {
  api = await startApi();
  stopWorker = await startApiWorker(api);
  world = new World(api.pool, api.programId);
  const contractFrom = at(NOW - 9 * DAY_MS);
  ({ partnerId: honestId } = await aPartner(api.pool, api.programId, { contractFrom }));
  ({ partnerId: hastyId } = await aPartner(api.pool, api.programId, { contractFrom }));
  const touch = (id: string, partnerId: string, ms: number, customerId: string) => ({
    id,
    identity: { customerId },
    kind: 'click',
    channel: 'video',
    partnerId,
    occurredAt: at(ms),
  });
  const sale = (externalId: string, customerId: string, minor: number) => ({
    externalId,
    identity: { customerId },
    type: 'purchase',
    value: { minor, currency: 'EUR' },
    occurredAt: at(SALE_MS),
  });
  await send('/v1/touchpoints', [
    touch('t1', honestId, SALE_MS - DAY_MS, 'c'),
    touch('t2', hastyId, SALE_MS - 50, 'c'),
    touch('t3', honestId, SALE_MS - 30_000, 'd'),
  ]);
  const [{ id }] = await send('/v1/conversions', [sale('order-1', 'c', 10_000), sale('order-2', 'd', 4_000)]);
  conversionId = id;
  await eventually(async () => expect(await hits()).toHaveLength(1));
}, 120_000);
afterAll(async () => {
  await stopWorker?.();
  await api?.stop();
});

const get = async (path: string) => (await api.send('GET', path, { key: api.keys.finance })).body;
const post = (path: string, body: unknown, key = api.keys.finance) => api.send('POST', path, { key, body });
const hits = async (query = '') => (await get(`/v1/screens/too-fast/hits${query}`)).items;

async function send(path: string, items: object[]) {
  const { body } = await post(path, { items }, api.keys.developer);
  expect(body.results.every(({ status }: { status: string }) => status === 'accepted')).toBe(true);
  return body.results;
}

describe('a screen', () => {
  it('shows its rule, version and parameters, and what it found', async () => {
    const { items } = await get('/v1/screens');
    expect(items.map(({ name }: { name: string }) => name)).toEqual([
      'self-referral',
      'too-fast',
      'known-bot',
      'id-reused',
      'reported-by-browser',
    ]);
    expect(items[1]).toMatchObject({
      version: 1,
      newestVersion: 1,
      isOn: true,
      parameters: { within: 'PT0.1S' },
      hits: 1,
      standing: 1,
      earlier: [],
    });
    expect(items[2]).toMatchObject({ hits: 0, lastHitAt: null });
    expect(await hits()).toMatchObject([
      {
        screen: 'too-fast',
        version: 1,
        partnerId: hastyId,
        conversionId,
        evidence: '0.05 seconds lie between the click and the conversion.',
        state: 'standing',
      },
    ]);
    expect(await hits('?version=2')).toEqual([]);
    expect((await get('/v1/screens/odd/hits')).status).toBe(404);
  });

  it('is replayed with other parameters over the past, and writes nothing', async () => {
    const counts = () =>
      world.rows('select (select count(*) from hold) as holds, (select count(*) from screen_hit) as hits');
    const before = await counts();
    const replay = (parameters: object) => post('/v1/screens/too-fast/replay', { ...range, parameters });
    const { body } = await replay({ within: 'PT1M' });
    expect(body).toMatchObject({
      name: 'too-fast',
      version: 1,
      parameters: { within: 'PT1M' },
      examined: 2,
      hits: 2,
      heldBefore: 1,
      partners: 2,
      money: [{ minor: 1_400, currency: 'EUR' }],
    });
    expect(body.sample).toHaveLength(2);
    expect(body.sample).toContainEqual({
      partnerId: honestId,
      conversionId: expect.any(String),
      evidence: '30 seconds lie between the click and the conversion.',
      commission: { minor: 400, currency: 'EUR' },
      heldBefore: false,
    });
    expect((await replay({})).body).toMatchObject({ hits: 1, heldBefore: 1, money: [{ minor: 1_000 }] });
    expect(await counts()).toEqual(before);
  });

  it.each([
    [{ within: 'soon' }, 'parameters.within'],
    [{ moreThan: 3 }, 'parameters.moreThan'],
    [{ odd: 3 }, 'parameters.odd'],
  ])('refuses %j', async (parameters, path) => {
    const { body } = await post('/v1/screens/too-fast/replay', { ...range, parameters });
    expect(body).toMatchObject({ status: 422, errors: [{ path }] });
  });

  it('is replayed in a version that is named, if there is such a one', async () => {
    const replay = (version: number) => post('/v1/screens/self-referral/replay', { ...range, version });
    expect((await replay(2)).body).toMatchObject({ name: 'self-referral', version: 2, examined: 2, hits: 0 });
    expect((await replay(1)).body).toMatchObject({
      status: 422,
      errors: [{ path: 'version', message: 'Give a version that there is: 2.' }],
    });
  });

  it('is switched by a second person', async () => {
    const settings = { thresholds: { screens: { 'known-bot': { isOn: false } } } };
    const { body } = await api.send('PATCH', '/v1/program', { key: api.keys.owner, body: { settings } });
    expect(body.pending).toBeDefined();
    expect((await get('/v1/screens')).items[2].isOn).toBe(true);
    await eventually(async () => {
      const [task] = (await get('/v1/tasks?kind=setting.approval&state=open')).items;
      const decided = { outcome: 'approve' };
      const keys = [api.keys.owner2, api.keys.finance, api.keys.partner_manager].filter(Boolean);
      const replies = [];
      for (const key of keys) replies.push((await post(`/v1/tasks/${task?.id}/complete`, decided, key)).status);
      expect(replies).toContain(200);
    });
    await eventually(async () => expect((await get('/v1/screens')).items[2].isOn).toBe(false));
  });

  it('that a person confirms voids the touchpoint and credits the others anew', async () => {
    expect(await world.credits('order-1')).toEqual({ [hastyId]: 10_000 });
    const [task] = (await get('/v1/tasks?kind=hold.review&state=open')).items;
    expect(task.data).toMatchObject({
      reason: 'too-fast',
      evidence: '0.05 seconds lie between the click and the conversion.',
    });
    expect((await post(`/v1/tasks/${task.id}/complete`, { outcome: 'confirm', reason: 'A script' })).status).toBe(200);
    await eventually(async () => {
      expect(await world.credits('order-1')).toEqual({ [honestId]: 10_000 });
      expect(await world.commission(hastyId, 'order-1')).toBe(0);
      expect(await world.commission(honestId, 'order-1')).toBe(1_000);
      expect(await hits('?state=confirmed')).toHaveLength(1);
    });
    const { touchpoints } = await get(`/v1/conversions/${conversionId}`);
    expect(touchpoints).toContainEqual(expect.objectContaining({ id: 't2', weight: 0, reason: 'voided' }));
    expect((await get('/v1/screens')).items[1]).toMatchObject({ hits: 1, standing: 0, confirmed: 1 });
  });
});
