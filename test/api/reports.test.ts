import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toCsv } from '../../api/csv.ts';
import { newId } from '../../db/ids.ts';
import { mintApiKey } from '../../db/queries/api-key.ts';
import { inTransaction } from '../../db/transaction.ts';
import { World } from '../activities/attribution/world.ts';
import { aPartner } from '../support/ground.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { daysAgo } from '../support/days-ago.ts';

let api: ApiStack;
let world: World;
let partnerId: string;
let otherId: string;
let otherKey: string;

beforeAll(async () => {
  api = await startApi();
  world = new World(api.pool, api.programId);
  ({ partnerId } = await aPartner(api.pool, api.programId, { contractFrom: daysAgo(9) }));
  ({ partnerId: otherId } = await aPartner(api.pool, api.programId, { contractFrom: daysAgo(9) }));
  otherKey = await inTransaction(
    api.pool,
    api.programId,
    async (tx) => (await mintApiKey(tx, { name: 'P', role: 'partner', partnerId: otherId })).apiKey,
  );
  await world.touch(
    { id: 't1', partnerId, channel: 'video', subId: '=SUM(A1)', occurredAt: daysAgo(6) },
    { id: 't2', partnerId: otherId, channel: 'article', occurredAt: daysAgo(8), identity: { customerId: 'looker' } },
    { id: 't3', partnerId, channel: 'video', occurredAt: daysAgo(6), kind: 'view', identity: { customerId: 'looker' } },
  );
  await world.sale('order-1', 10_000, daysAgo(4), { newCustomer: true });
  await world.sale('order-2', 5_000, daysAgo(3), { value: { minor: 5_000, currency: 'USD' } });
  await world.drain();
}, 60_000);
afterAll(() => api.stop());

const range = () => `from=${encodeURIComponent(daysAgo(9))}&to=${encodeURIComponent(daysAgo(0))}`;
const get = (path: string, key = api.keys.auditor, accept = 'application/json') =>
  api.send('GET', path, { key, headers: { accept } });

describe('the report of performance', () => {
  it('counts clicks, conversions, value, new customers and commission, and divides them', async () => {
    const { body } = await get(`/v1/reports/performance?${range()}`);
    expect(body).toMatchObject({ groupBy: 'partner', currency: 'EUR' });
    expect(body.items[0]).toMatchObject({
      key: partnerId,
      clicks: 1,
      conversions: 2,
      value: { minor: 10_000, currency: 'EUR' },
      newCustomers: 1,
      commission: { minor: 1_000 },
      costPerSale: { minor: 500 },
      conversionRate: 2,
      earningsPerClick: { minor: 1_000 },
      unconverted: [{ minor: 5_000, currency: 'USD' }],
    });
    expect(body.items[1]).toMatchObject({
      key: otherId,
      clicks: 1,
      conversions: 0,
      costPerSale: null,
      conversionRate: 0,
    });
  });

  it('tells value and commission without a rate apart, and divides nothing that is not whole', async () => {
    const { body } = await get(`/v1/reports/performance?${range()}&currency=CHF`);
    expect(body.items[0]).toMatchObject({
      ...{ key: partnerId, value: { minor: 0, currency: 'CHF' }, commission: { minor: 0, currency: 'CHF' } },
      ...{ costPerSale: null, earningsPerClick: null, conversionRate: 2 },
      unconverted: [
        { minor: 10_000, currency: 'EUR' },
        { minor: 5_000, currency: 'USD' },
      ],
      unconvertedCommission: [{ minor: 1_000, currency: 'EUR' }],
    });
  });

  it('converts each day at its own rate once there is one', async () => {
    const day = daysAgo(3).slice(0, 10);
    const items = [{ base: 'USD', quote: 'EUR', day, rate: '0.9' }];
    expect((await api.send('PUT', '/v1/fx-rates', { key: api.keys.finance, body: { items } })).status).toBe(200);
    await world.drain();
    const { body } = await get(`/v1/reports/performance?${range()}&groupBy=channel`);
    expect(body.items[0]).toMatchObject({
      key: 'video',
      value: { minor: 14_500 },
      commission: { minor: 1_450 },
      unconverted: [],
    });
  });

  it('is CSV as well, in which no cell is a formula', async () => {
    const reply = await get(`/v1/reports/performance?${range()}&groupBy=subId`, api.keys.auditor, 'text/csv');
    expect(reply.headers.get('content-type')).toContain('text/csv');
    const [header, ...rows] = reply.text.trim().split('\r\n');
    expect(header).toBe(
      'subId,clicks,conversions,value,newCustomers,commission,currency,costPerSale,conversionRate,earningsPerClick',
    );
    expect(rows[0]).toBe(`'=SUM(A1),1,2,145.00,1,14.50,EUR,7.25,2,14.50`);
  });

  it('shows a partner its own part only', async () => {
    const { body } = await get(`/v1/reports/performance?${range()}`, otherKey);
    expect(body.items.map(({ key }: { key: string }) => key)).toEqual([otherId]);
  });

  it.each([
    ['groupBy=odd', 'groupBy'],
    ['currency=XXQ', 'currency'],
    ['odd=1', 'odd'],
  ])('refuses %s', async (query, path) => {
    expect((await get(`/v1/reports/performance?${range()}&${query}`)).body).toMatchObject({
      status: 422,
      errors: [{ path }],
    });
  });

  it.each(['/v1/reports/performance', '/v1/conversions', '/v1/commissions'])(
    '%s refuses a range that ends before it begins',
    async (path) => {
      const query = `from=${encodeURIComponent(daysAgo(1))}&to=${encodeURIComponent(daysAgo(2))}`;
      expect((await get(`${path}?${query}`)).body).toMatchObject({ status: 422, errors: [{ path: 'to' }] });
    },
  );
});

describe('cells of CSV', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+49', "'+49"],
    ['-2', "'-2"],
    ['@cmd', "'@cmd"],
    [' =1', "' =1"],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['＝1', "'＝1"],
    ['\u200b=1', "'\u200b=1"],
    // Where a semicolon or a tab separates, a quote within the line is none.
    [';=1', `";'=1"`],
    ['x; @cmd;y', `"x; '@cmd;y"`],
    ['a\t-2', `"a\t'-2"`],
    ['a;b', '"a;b"'],
    ['plain', 'plain'],
    ['a=b', 'a=b'],
  ])('write %j as %s', (text, written) => {
    expect(toCsv(['h'], [[text]])).toBe(`h\r\n${written}\r\n`);
  });

  it('leave figures as they are', () => {
    expect(toCsv(['h'], [[-1.5, null, 0]])).toBe('h\r\n-1.5,,0\r\n');
  });

  it('writes amounts with the places of their currency', () => {
    const amounts = [
      { minor: 5_730_140, currency: 'EUR' },
      { minor: -500, currency: 'EUR' },
      { minor: 1_200, currency: 'JPY' },
      { minor: 1_500, currency: 'KWD' },
    ];
    expect(toCsv(['h'], [amounts])).toBe('h\r\n57301.40,-5.00,1200,1.500\r\n');
  });
});

describe('the report of programme health', () => {
  async function aTask(
    openedDaysAgo: number,
    more: { state?: string; decidedDaysAgo?: number; dueDaysAgo?: number } = {},
  ) {
    const { state = 'open', decidedDaysAgo, dueDaysAgo = -1 } = more;
    const decided =
      decidedDaysAgo === undefined ? [null, null, null, null] : ['approve', 'person', 'per_x', daysAgo(decidedDaysAgo)];
    await world.rows(
      `insert into task (program_id, id, kind, workflow_id, workflow_key, partner_id, subject_type, subject_id, role, outcomes, data, state, opened_at, due_at,
         outcome, decided_by_kind, decided_by, decided_at)
       values ($1, $2, 'application.decision', 'partner/x', $2, $3, 'partner', $3, 'partner_manager', '{approve}', '{}', $4, $5, $6, $7, $8, $9, $10)`,
      [api.programId, newId('task'), partnerId, state, daysAgo(openedDaysAgo), daysAgo(dueDaysAgo), ...decided],
    );
  }

  it('counts tasks by age, deadlines kept, manual touches and stages', async () => {
    await aTask(0.5);
    await aTask(8, { dueDaysAgo: 2 });
    await aTask(5, { state: 'done', decidedDaysAgo: 4, dueDaysAgo: 3 });
    await aTask(5, { state: 'done', decidedDaysAgo: 2, dueDaysAgo: 3 });
    await aTask(5, { state: 'expired', dueDaysAgo: 2 });
    const { body } = await get('/v1/reports/programme-health');
    expect(body.tasks).toMatchObject([
      { kind: 'application.decision', open: 2, underOneDay: 1, overSevenDays: 1, overdue: 1 },
    ]);
    expect(body.sla).toMatchObject({
      ended: 3,
      inTime: 1,
      kept: 1 / 3,
      kinds: [{ kind: 'application.decision', ended: 3 }],
    });
    expect(body.manualTouches).toEqual({ decisions: 2, partners: 1, perPartner: 2 });
    expect(body.funnel).toContainEqual({ stage: 'active', now: 2, reached: 2 });
  });

  it('is for the team', async () => {
    expect((await get('/v1/reports/programme-health', otherKey)).status).toBe(403);
  });
});
