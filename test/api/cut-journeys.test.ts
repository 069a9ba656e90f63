import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { World } from '../activities/attribution/world.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';

const NOW = Date.now();
const secondsAgo = (seconds: number) => new Date(NOW - seconds * 1_000).toISOString();
const source = { from: secondsAgo(86_400), to: secondsAgo(0) };

let api: ApiStack;
let world: World;
const ask = (route: string, body: object) =>
  api.send('POST', `/v1/attribution/${route}`, { key: api.keys.partner_manager, body: { source, ...body } });

/** One person's touchpoints of one second each, oldest first: one of `early`, and then so many of `mail`. */
async function walk(customerId: string, mails: number): Promise<void> {
  const steps = Array.from({ length: mails + 1 }, (_, index) => ({
    id: `${customerId}-${index}`,
    identity: { customerId },
    channel: index === 0 ? 'early' : 'mail',
    occurredAt: secondsAgo(10_000 - index),
  }));
  for (let from = 0; from < steps.length; from += 1_000) await world.touch(...steps.slice(from, from + 1_000));
}

beforeAll(async () => {
  api = await startApi();
  world = new World(api.pool, api.programId);
  // A step more than a path has, of one who buys and of two who do not; and one with just as many as it may have.
  for (const person of ['buyer', 'robot', 'robot-2']) await walk(person, 1_000);
  await walk('full', 999);
  await world.sale('order-1', 1_000, secondsAgo(100), { identity: { customerId: 'buyer' } });
  await world.sale('order-2', 1_000, secondsAgo(100), { identity: { customerId: 'full' } });
}, 120_000);
afterAll(() => api?.stop());

it.each([{ method: 'markov' }, { method: 'markov', order: 4 }, { method: 'shapley' }])(
  'fits journeys with their newest 1,000 touchpoints and says how many were longer: %j',
  async (request) => {
    const { status, body } = await ask('fits', request);
    expect({ status, body }).toMatchObject({ status: 200, body: { cutJourneys: 3, conversionProbability: 0.5 } });
    // The oldest step of the one that is full is there, those of the others are not.
    const channels = Object.fromEntries(body.channels.map((each: any) => [each.channel, each.conversions]));
    expect(Object.keys(channels).sort()).toEqual(['early', 'mail']);
    if (request.method === 'shapley') expect(channels).toEqual({ early: 0.5, mail: 1.5 });
  },
);

it('proposes weights by the same, and compares with the types of partners', async () => {
  expect(await ask('fits/proposal', { method: 'markov' })).toMatchObject({ status: 200, body: { cutJourneys: 3 } });
  const { status, body } = await ask('compare', { models: ['markov', 'first', 'time-decay'] });
  expect({ status, body }).toMatchObject({ status: 200, body: { cutJourneys: 3 } });
  const [, first] = body.models;
  const given = first.channels.map(({ channel, conversions }: any) => ({ channel, conversions }));
  expect(given).toEqual([
    { channel: 'early', conversions: 1 },
    { channel: 'mail', conversions: 1 },
  ]);
  expect(first.partnerTypes).toMatchObject([{ partnerType: null, conversions: 2 }]);
});
