import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mintApiKey } from '../../db/queries/api-key.ts';
import { insertLink } from '../../db/queries/link.ts';
import { insertFoundingPolicy } from '../../db/queries/program-foundation.ts';
import { replaceMarkets } from '../../db/queries/market.ts';
import { inTransaction } from '../../db/transaction.ts';
import { World } from '../activities/attribution/world.ts';
import { daysAgo } from '../support/days-ago.ts';
import { aPartner, LINEAR } from '../support/ground.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';

let api: ApiStack;
let world: World;
/** A creator in Germany who becomes an agency in France, an agency in Austria, a loyalty partner of no market. */
let [a, b, c]: string[] = [];
let keyOfA: string;
let trialPolicyId: string;
/** The range of the report: a sale at its very begin counts, one at its very end does not. */
const [from, to] = [daysAgo(7), daysAgo(0.1)];

const MARKETS = [
  ['de', 'dach'],
  ['at', 'dach'],
  ['fr', 'west'],
].map(([code = '', region = '']) => ({
  code,
  name: code,
  region,
  countries: [code.toUpperCase()],
  language: 'en',
  timeZone: 'UTC',
  currency: 'EUR',
}));

async function aProfile(partnerId: string, type: string, market: string | null, since: string): Promise<void> {
  await world.rows(
    `insert into partner_profile (program_id, partner_id, effective_from, language, time_zone, currency, type, market_code, received_at)
     values ($1, $2, $3, 'en', 'UTC', 'EUR', $4, $5, clock_timestamp())`,
    [api.programId, partnerId, since, type, market],
  );
}

/** One person's clicks, a minute apart, and what they bought after them. */
async function aStory(
  name: string,
  minor: number,
  at: string,
  { path, ...more }: { path: object[]; vertical?: string; type?: string },
): Promise<void> {
  const identity = { customerId: name };
  const minutesBefore = (minutes: number) => new Date(Date.parse(at) - minutes * 60_000).toISOString();
  const clicks = path.map((touch, step) => ({
    id: `${name}-${step}`,
    identity,
    occurredAt: minutesBefore(path.length - step),
    ...touch,
  }));
  if (clicks.length > 0) await world.touch(...clicks);
  await world.sale(name, minor, at, { identity, ...more });
}

beforeAll(async () => {
  api = await startApi();
  world = new World(api.pool, api.programId);
  const contractFrom = daysAgo(9);
  [a, b, c] = await Promise.all(
    [1, 2, 3].map(async () => (await aPartner(api.pool, api.programId, { contractFrom })).partnerId),
  );
  await inTransaction(api.pool, api.programId, async (tx) => {
    await replaceMarkets(tx, MARKETS);
    // The sales of the kind `trial` are credited by this one, all others by the last touchpoint.
    trialPolicyId = await insertFoundingPolicy(tx, { ...LINEAR, conversionTypes: ['trial'] }, 'system');
    keyOfA = (await mintApiKey(tx, { name: 'Partner', role: 'partner', partnerId: a })).apiKey;
    for (const [code, partnerId, channel, contentId, subId] of [
      ['a-one', a, 'video', 'cnt_a1', 'one'],
      ['a-two', a, 'video', 'cnt_a2', 'two'],
      ['a-three', a, 'article', 'cnt_a3', 'three'],
      ['b-one', b, 'article', 'cnt_b', 'one'],
    ] as const)
      await insertLink(tx, {
        code,
        partnerId: partnerId!,
        channel,
        contentId,
        subId,
        destination: 'https://x.example',
      });
  });
  await aProfile(a!, 'creator', 'de', daysAgo(9));
  await aProfile(a!, 'agency', 'fr', daysAgo(3));
  await aProfile(b!, 'agency', 'at', daysAgo(9));
  await aProfile(c!, 'loyalty', null, daysAgo(9));
  const ofC = { partnerId: c, channel: 'article' };
  await aStory('s1', 1_000, daysAgo(5), { path: [{ linkCode: 'a-one' }], vertical: 'games' });
  await aStory('s2', 2_000, daysAgo(2), { path: [{ linkCode: 'a-two' }], vertical: 'books' });
  await aStory('s3', 4_000, daysAgo(5), { path: [{ linkCode: 'b-one' }], vertical: 'books' });
  await aStory('s4', 8_000, from, { path: [ofC] });
  await aStory('s5', 16_000, daysAgo(5), { path: [{ channel: 'paid_search', subId: 'two' }], vertical: 'games' });
  await aStory('s6', 32_000, daysAgo(5), { path: [], vertical: 'games' });
  const path = [{ linkCode: 'a-one' }, { linkCode: 'a-three' }, ofC, { linkCode: 'a-one' }];
  await aStory('s7', 64_000, daysAgo(4), { path, vertical: 'books', type: 'trial' });
  await aStory('s8', 128_000, to, { path: [{ linkCode: 'b-one' }], vertical: 'games' });
  await world.drain();
  // The credit of the first generation is one no more.
  await world.refund('r3', 's3', 1_000, { occurredAt: daysAgo(1) });
  await world.drain();
}, 120_000);
afterAll(() => api?.stop());

/** Key, conversions, value and commission of each row, in the order of the answer; partners by their letter. */
async function rowsOf(query: string, key = api.keys.auditor!): Promise<unknown[]> {
  const range = `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`;
  const { status, body } = await api.send('GET', `/v1/attribution/credits?${range}&${query}`, { key });
  expect(status).toBe(200);
  const letters = new Map([a, b, c].map((id, index) => [id, 'ABC'[index]]));
  return body.items.map((item: any) => {
    expect([item.value.currency, item.commission.currency]).toEqual(['EUR', 'EUR']);
    return [letters.get(item.key) ?? item.key, item.conversions, item.value.minor, item.commission.minor];
  });
}

/*
 * In force after the refund, 10 % of each partner's: s1 1,000 A video; s2 2,000 A video; s3 3,000 B article; s4 8,000 C article; s5 16,000
 * paid_search; s6 32,000 nobody; s7 64,000 in quarters: A video two, A article one, C article one. What A earns with s7, 4,800, stands
 * with the larger of its two channels. s8 is at the end of the range, and out.
 */
describe('the report of credits', () => {
  it.each([
    [
      'channel',
      [
        ['article', 2.5, 43_000, 2_700],
        ['video', 2.5, 35_000, 5_100],
        ['unattributed', 1, 32_000, 0],
        ['paid_search', 1, 16_000, 0],
      ],
    ],
    [
      'partner',
      [
        ['A', 2.75, 51_000, 5_100],
        ['program:unattributed', 1, 32_000, 0],
        ['C', 1.25, 24_000, 2_400],
        ['channel:paid_search', 1, 16_000, 0],
        ['B', 1, 3_000, 300],
      ],
    ],
    [
      'partnerType',
      [
        ['creator', 1.75, 49_000, 4_900],
        [null, 2, 48_000, 0],
        ['loyalty', 1.25, 24_000, 2_400],
        ['agency', 2, 5_000, 500],
      ],
    ],
    [
      'market',
      [
        [null, 3.25, 72_000, 2_400],
        ['de', 1.75, 49_000, 4_900],
        ['at', 1, 3_000, 300],
        ['fr', 1, 2_000, 200],
      ],
    ],
    [
      'region',
      [
        [null, 3.25, 72_000, 2_400],
        ['dach', 2.75, 52_000, 5_200],
        ['west', 1, 2_000, 200],
      ],
    ],
    [
      'vertical',
      [
        ['books', 3, 69_000, 6_900],
        ['games', 3, 49_000, 100],
        [null, 1, 8_000, 800],
      ],
    ],
    [
      'content',
      [
        [null, 3.25, 72_000, 2_400],
        ['cnt_a1', 1.5, 33_000, 4_900],
        ['cnt_a3', 0.25, 16_000, 0],
        ['cnt_b', 1, 3_000, 300],
        ['cnt_a2', 1, 2_000, 200],
      ],
    ],
    [
      'subId',
      [
        [null, 2.25, 56_000, 2_400],
        ['one', 2.5, 36_000, 5_200],
        ['two', 2, 18_000, 200],
        ['three', 0.25, 16_000, 0],
      ],
    ],
  ])('by %s has a row for each, the largest first', async (group, rows) => {
    expect(await rowsOf(`groupBy=${group}`)).toEqual(rows);
  });

  it('of one policy has what that one credited', async () => {
    expect(await rowsOf(`groupBy=partner&policyId=${trialPolicyId}`)).toEqual([
      ['A', 0.75, 48_000, 4_800],
      ['C', 0.25, 16_000, 1_600],
    ]);
    expect(await rowsOf(`groupBy=subId&policyId=${trialPolicyId}`)).toEqual([
      ['one', 0.5, 32_000, 4_800],
      ['three', 0.25, 16_000, 0],
      [null, 0.25, 16_000, 1_600],
    ]);
    expect(await rowsOf('groupBy=partner&policyId=pol_other')).toEqual([]);
  });

  it('is of a partner that partner’s own', async () => {
    expect(await rowsOf('groupBy=subId', keyOfA)).toEqual([
      ['one', 1.5, 33_000, 4_900],
      ['three', 0.25, 16_000, 0],
      ['two', 1, 2_000, 200],
    ]);
    expect(await rowsOf(`groupBy=channel&policyId=${trialPolicyId}`, keyOfA)).toEqual([
      ['video', 0.5, 32_000, 4_800],
      ['article', 0.25, 16_000, 0],
    ]);
  });
});
