import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApi } from './api-stack.ts';
import type { ApiStack, Reply } from './api-stack.ts';
import { insertTestPartner } from './partner-row.ts';

let api: ApiStack;
let partnerId: string;
beforeAll(async () => {
  api = await startApi({ commandTimeoutMs: 300 });
  partnerId = await insertTestPartner(api.pool, api.programId, 'Mira');
});
afterAll(() => api?.stop());

const get = (path: string) => api.send('GET', path.replace('{id}', partnerId), { key: api.keys.owner });
const post = (path: string, body: object) => api.send('POST', path, { key: api.keys.owner, body });
const cursor = (text: string) => Buffer.from(text).toString('base64url');
const refused = ({ status, body }: Reply) => ({ status, fields: body.errors?.map(({ path }: any) => path) });

/** In UTC of the years 10000, 0, 99 and 1899. */
const ELSEWHERE = [
  '9999-12-31T23:59:59-23:00',
  '0000-01-01T00:00:00Z',
  '0099-06-01T00:00:00Z',
  '1900-01-01T00:00:00+12:00',
];
const RANGE_LISTS = ['conversions', 'attribution/credits', 'commissions', 'windows', 'payouts', 'ledger/entries'];
const REPORTS = ['performance', 'programme-health', 'journeys'];

describe('an instant outside the years 1900 to 9999', () => {
  it.each([...RANGE_LISTS, ...REPORTS.map((name) => `reports/${name}`)])('is refused by /v1/%s', async (path) => {
    const both = { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' };
    for (const field of ['from', 'to'] as const) {
      for (const instant of ELSEWHERE) {
        const query = new URLSearchParams({ ...both, [field]: instant });
        expect({ instant, ...refused(await get(`/v1/${path}?${query}`)) }).toEqual({
          instant,
          status: 422,
          fields: [field],
        });
      }
    }
  });

  it.each(RANGE_LISTS)('begins right beside the ones that /v1/%s takes', async (path) => {
    const query = new URLSearchParams({ from: '1900-01-01T00:00:00Z', to: '9999-12-31T23:59:59.999999Z' });
    expect((await get(`/v1/${path}?${query}`)).status).toBe(200);
  });

  it.each([
    ['/v1/attribution/fits', { method: 'markov' }],
    ['/v1/attribution/compare', { models: ['linear'] }],
  ])('is refused by POST %s', async (path, ask) => {
    for (const instant of ELSEWHERE) {
      const range = { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' };
      const isEarly = instant < '2026';
      const source = { ...range, [isEarly ? 'from' : 'to']: instant };
      const reply = await post(path, { ...ask, source });
      expect(refused(reply)).toEqual({ status: 422, fields: [isEarly ? 'source.from' : 'source.to'] });
    }
  });

  it('is refused for a hold, before anything of it is written', async () => {
    const [until] = ELSEWHERE;
    const body = { partnerId, reason: 'To be looked at', until };
    const reply = await api.send('POST', '/v1/holds', { key: api.keys.finance, body });
    expect(refused(reply)).toEqual({ status: 422, fields: ['until'] });
  });
});

it.each(['attribution/credits', 'reports/performance', 'reports/journeys'])(
  'refuses a range of /v1/%s that ends before it begins',
  async (path) => {
    const range = 'from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z';
    expect(refused(await get(`/v1/${path}?${range}`))).toEqual({ status: 422, fields: ['to'] });
  },
);

describe('lists that are read whole', () => {
  it.each(['markets', 'screens', 'ledger/accounts'])('have pages all the same: /v1/%s', async (path) => {
    const all = (await get(`/v1/${path}?limit=200`)).body;
    expect(all.nextCursor).toBeNull();
    const items = [];
    for (let next = ''; ;) {
      const { body } = await get(`/v1/${path}?limit=1${next}`);
      items.push(...body.items);
      if (body.nextCursor === null) break;
      expect(body.items).toHaveLength(1);
      next = `&cursor=${body.nextCursor}`;
    }
    expect(items).toEqual(all.items);
    expect(refused(await get(`/v1/${path}?cursor=${cursor('none of ours')}`))).toMatchObject({ status: 422 });
  });
});

describe('NUL in a parameter', () => {
  it.each([
    ['/v1/partners?country=a%00b', 'country'],
    ['/v1/partners?q=a%00b', 'q'],
    ['/v1/prospects?country=%00', 'country'],
    ['/v1/prospects?type=a%00', 'type'],
    ['/v1/identity-merges?customerId=a%00b', 'customerId'],
    ['/v1/ledger/entries?account=%00', 'account'],
    ['/v1/people?cursor=%00', 'cursor'],
  ])('is refused by its name: %s', async (path, field) => {
    expect(refused(await get(path))).toEqual({ status: 422, fields: [field] });
  });
});

it.each(['Germany', 'd', 'de', '1', 'DEU', 'QQ'])(
  'refuses the country %s, in a filter and in a form',
  async (country) => {
    expect(refused(await get(`/v1/partners?country=${country}`))).toEqual({ status: 422, fields: ['country'] });
    const partner = { name: 'Noa', email: 'noa@x.example', type: 'creator', country };
    expect(refused(await post('/v1/partners', partner))).toEqual({ status: 422, fields: ['country'] });
  },
);

describe('a cursor that is none of ours', () => {
  const LISTS = ['partners/{id}/timeline', 'partners/{id}/history', 'fx-rates', 'partners', 'conversions', 'payouts'];
  const BY_PLACE = LISTS.slice(0, 3);
  const BAD = ['-1', '0', '1e400', '["a\\u0000b"]', '2026-13-45 x', '0000-01-01T00:00:00Z x', '0000-01-01 EUR USD'];

  it.each(BY_PLACE)('is refused by /v1/%s', async (path) => {
    for (const text of BAD) {
      expect({ text, ...refused(await get(`/v1/${path}?cursor=${cursor(text)}`)) }).toEqual({
        text,
        status: 422,
        fields: ['cursor'],
      });
    }
  });

  it.each(LISTS)('with NUL is refused by /v1/%s', async (path) => {
    expect(refused(await get(`/v1/${path}?cursor=${cursor('a\0b')}`))).toEqual({ status: 422, fields: ['cursor'] });
  });
});

it.each(['0000-01-01', '1899-12-31', '9999-12-31', '2026-02-30'])('refuses rates of the day %s', async (day) => {
  expect(refused(await get(`/v1/fx-rates?from=${day}`))).toEqual({ status: 422, fields: ['from'] });
  const items = [{ base: 'EUR', quote: 'USD', day, rate: '1.1' }];
  const reply = await api.send('PUT', '/v1/fx-rates', { key: api.keys.owner, body: { items } });
  expect(refused(reply)).toEqual({ status: 422, fields: ['items.0.day'] });
});
