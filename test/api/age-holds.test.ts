import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '../../db/ids.ts';
import { joinIntake } from '../../db/locks.ts';
import { insertPolicyPeriods } from '../../db/queries/policy.ts';
import { insertPolicyDraft } from '../../db/queries/policy-version.ts';
import { inTransaction } from '../../db/transaction.ts';
import { World } from '../activities/attribution/world.ts';
import { eventually } from '../support/eventually.ts';
import { aPartner, LINEAR } from '../support/ground.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { startApiWorker } from './api-worker.ts';

const DAY_MS = 86_400_000;
const NOW = Date.now();
const at = (daysAgo: number) => new Date(NOW - daysAgo * DAY_MS).toISOString();

let api: ApiStack;
let stopWorker: () => Promise<void>;
let world: World;
let partnerId: string;

beforeAll(async () => {
  api = await startApi();
  stopWorker = await startApiWorker(api);
  world = new World(api.pool, api.programId);
  await inTransaction(api.pool, api.programId, async (tx) => {
    const body = { ...LINEAR, name: 'Patient', minimumAge: 'PT1H', maximumAge: 'P2D' };
    const policy = await insertPolicyDraft(tx, { id: newId('policy'), body, createdBy: 'system' });
    const period = { id: policy.id, conversionTypes: body.conversionTypes, effectiveFrom: at(20) };
    await insertPolicyPeriods(tx, period, await joinIntake(tx));
  });
  ({ partnerId } = await aPartner(api.pool, api.programId, { contractFrom: at(10) }));
}, 120_000);
afterAll(async () => {
  await stopWorker?.();
  await api?.stop();
});

const key = () => api.keys.finance!;
const reviews = async () => (await api.send('GET', '/v1/tasks?kind=hold.review&state=open', { key: key() })).body.items;

it('a conversion that is too young, or too old, is held until a person lifts or confirms it', async () => {
  const touch = (id: string, daysAgo: number) => ({
    id,
    identity: { customerId: id },
    kind: 'click',
    partnerId,
    occurredAt: at(daysAgo),
  });
  const sale = (externalId: string, daysAgo: number) => ({
    externalId,
    identity: { customerId: `c-${externalId}` },
    type: 'purchase',
    value: { minor: 10_000, currency: 'EUR' },
    occurredAt: at(daysAgo),
  });
  const send = { key: api.keys.machine! };
  const touchpoints = [touch('c-young', 5), touch('c-fine', 6), touch('c-old', 8)];
  await api.send('POST', '/v1/touchpoints', { ...send, body: { items: touchpoints } });
  const sales = [sale('young', 5 - 0.5 / 24), sale('fine', 5), sale('old', 5)];
  await api.send('POST', '/v1/conversions', { ...send, body: { items: sales } });

  await eventually(async () => expect(await reviews()).toHaveLength(2));
  const tasks = await reviews();
  const evidenceOf = (reason: string) => tasks.find(({ data }: { data: any }) => data.reason === reason).data.evidence;
  expect(evidenceOf('too-soon')).toContain('less than the minimum of PT1H');
  expect(evidenceOf('too-late')).toContain('more than the maximum of P2D');
  expect(evidenceOf('too-late')).toContain(`(${at(8).slice(0, 19)}`);
  for (const name of ['young', 'fine', 'old']) expect(await world.commission(partnerId, name)).toBe(1_000);

  for (const { id, data } of tasks) {
    const body = data.reason === 'too-soon' ? { outcome: 'lift' } : { outcome: 'confirm', reason: 'An old link' };
    expect((await api.send('POST', `/v1/tasks/${id}/complete`, { key: key(), body })).status).toBe(200);
  }
  await eventually(async () => {
    expect(await world.rows('select reason, ending from hold order by reason')).toEqual([
      { reason: 'too-late', ending: 'confirmed' },
      { reason: 'too-soon', ending: 'lifted' },
    ]);
    expect(await world.commission(partnerId, 'old')).toBe(0);
  });
  expect(await world.commission(partnerId, 'young')).toBe(1_000);
}, 60_000);
