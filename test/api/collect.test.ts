import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { siteKey } from '../../db/site-key.ts';
import { newId } from '../../db/ids.ts';
import { inTransaction } from '../../db/transaction.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { insertTestPartner } from './partner-row.ts';

const ORIGIN = 'https://shop.example';
const VISITOR = 'visitor-1234';

let api: ApiStack;
let site: { id: string; key: string };
let partnerId: string;

beforeAll(async () => {
  api = await startApi();
  partnerId = await insertTestPartner(api.pool, api.programId, 'Mira');
  site = await newSite({});
});
afterAll(() => api?.stop());

async function newSite(rules: object): Promise<{ id: string; key: string }> {
  const body = { name: 'Shop', origins: [`${ORIGIN}/`], ...rules };
  const reply = await api.send('POST', '/v1/sites', { key: api.keys.developer, body });
  expect(reply.status).toBe(201);
  return reply.body;
}

const now = () => new Date().toISOString();
const visit = (more: object = {}) => ({
  id: `visit-${crypto.randomUUID()}`,
  kind: 'visit',
  visitorId: VISITOR,
  channel: 'referral',
  occurredAt: now(),
  consent: true,
  ...more,
});
const collect = (more: object, headers: Record<string, string> = { origin: ORIGIN }) =>
  api.send('POST', '/v1/collect', {
    idempotencyKey: null,
    headers: { 'content-type': 'text/plain;charset=UTF-8', ...headers },
    raw: JSON.stringify({ key: site.key, sentAt: now(), ...more }),
  });
const rows = (text: string, values: unknown[] = []) =>
  inTransaction(api.pool, api.programId, async (tx) => (await tx.query(text, values)).rows);

describe('a site', () => {
  it('has a public key and refuses conversions and customers from browsers until somebody says otherwise', async () => {
    const reply = await api.send('GET', `/v1/sites/${site.id}`, { key: api.keys.developer });
    expect(reply.body).toMatchObject({ origins: [ORIGIN], conversions: 'refuse', identities: 'refuse' });
    expect(reply.body.key).toMatch(/^pk_\w{26}_\w{26}$/);
  });

  it.each([['https://shop.example/path'], ['shop.example'], ['javascript:1'], ['https://u:p@shop.example'], ['*']])(
    'refuses %s as an origin',
    async (origin) => {
      const body = { name: 'Shop', origins: [origin] };
      const reply = await api.send('POST', '/v1/sites', { key: api.keys.developer, body });
      expect(reply).toMatchObject({ status: 422, body: { errors: [{ path: 'origins.0' }] } });
    },
  );

  it('is the same site when the same request is sent again', async () => {
    const request = { key: api.keys.developer, body: { name: 'Once', origins: [ORIGIN] }, idempotencyKey: 'once' };
    const first = await api.send('POST', '/v1/sites', request);
    expect((await api.send('POST', '/v1/sites', request)).body).toEqual(first.body);
  });
});

describe('POST /v1/collect', () => {
  it('refuses alone what no double holds or no reader follows', async () => {
    const raw = JSON.stringify({ key: site.key, sentAt: now(), touchpoints: ['X', 'Y', visit()] })
      .replace('"X"', JSON.stringify(visit({ properties: 'P' })).replace('"P"', '{"a":1e400}'))
      .replace(
        '"Y"',
        JSON.stringify(visit({ properties: 'P' })).replace('"P"', '{"a":'.repeat(3_000) + '1' + '}'.repeat(3_000)),
      );
    const headers = { 'content-type': 'text/plain;charset=UTF-8', origin: ORIGIN };
    const reply = await api.send('POST', '/v1/collect', { idempotencyKey: null, headers, raw });
    expect(reply).toMatchObject({
      status: 202,
      body: {
        accepted: 1,
        rejected: [
          { path: 'touchpoints.0', code: 'invalid', detail: expect.stringContaining('properties') },
          { path: 'touchpoints.1', code: 'invalid', detail: expect.stringContaining('properties') },
        ],
      },
    });
  });

  it('names the field of an item that it does not take', async () => {
    const { body } = await collect({ touchpoints: [visit({ identity: {} }), { kind: 'visit' }] });
    expect(body.rejected[0].detail).toBe('identity: This field is not known; leave it out.');
    expect(body.rejected[1].detail).toContain('consent: Give this field: true or false.');
  });

  it('stores a visit once, however often it is sent, and tells no id', async () => {
    const item = visit();
    const first = await collect({ touchpoints: [item] });
    expect(first).toMatchObject({ status: 202, body: { accepted: 1, rejected: [] } });
    expect(first.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(await collect({ touchpoints: [item] })).toMatchObject({ status: 202, body: { accepted: 1, rejected: [] } });
    const stored = await rows(
      'select kind, channel, consent, identity_id is not null as named from touchpoint where id = $1',
      [item.id],
    );
    expect(stored).toEqual([{ kind: 'visit', channel: 'referral', consent: true, named: true }]);
  });

  it('stores a visit without consent and without a person', async () => {
    const item = visit({ consent: false });
    await collect({ touchpoints: [item] });
    expect(await rows('select identity_id, consent from touchpoint where id = $1', [item.id])).toEqual([
      { identity_id: null, consent: false },
    ]);
  });

  it('joins the visitor of the page with the visitor of the link that was followed', async () => {
    const link = await api.send('POST', '/v1/links', {
      key: api.keys.developer,
      body: { partnerId, destination: 'https://shop.example/' },
    });
    const followed = await api.send('GET', new URL(link.body.url).pathname);
    const clickId = new URL(followed.headers.get('location')!).searchParams.get('tdclid')!;
    const item = { visitorId: 'of-the-page', clickId, occurredAt: now() };
    expect(await collect({ identities: [item, item] })).toMatchObject({ body: { accepted: 2, rejected: [] } });
    const joined = await rows(
      `select count(distinct component_id) as n from identity i
       where value = 'of-the-page' or id = (select identity_id from click where id = $1)`,
      [clickId],
    );
    expect(joined).toEqual([{ n: 1 }]);
    const unknown = { ...item, clickId: 'nobody-made-this' };
    expect((await collect({ identities: [unknown] })).body.rejected).toMatchObject([
      { path: 'identities.0', code: 'unknown-click' },
    ]);
  });

  it('does not let a browser say what may be forged: partners, customers, conversions', async () => {
    const reply = await collect({
      touchpoints: [visit({ partnerId }), visit({ customerId: 'c' }), visit({ kind: 'code' }), visit()],
      identities: [{ visitorId: VISITOR, customerId: 'c', occurredAt: now() }],
      conversions: [aConversion('forged')],
    });
    expect(reply.body).toMatchObject({
      accepted: 1,
      rejected: [
        { path: 'touchpoints.0', code: 'invalid' },
        { path: 'touchpoints.1', code: 'invalid' },
        { path: 'touchpoints.2', code: 'invalid' },
        { path: 'identities.0', code: 'not-allowed' },
        { path: 'conversions.0', code: 'not-allowed' },
      ],
    });
  });

  it('takes conversions and customers where the site allows them, and keeps which site it was', async () => {
    const open = await newSite({ conversions: 'hold', identities: 'accept' });
    const reply = await collect({
      key: open.key,
      identities: [{ visitorId: VISITOR, customerId: 'c-77', occurredAt: now() }],
      conversions: [aConversion('web-1')],
    });
    expect(reply.body).toEqual({ accepted: 2, rejected: [] });
    expect(await rows(`select site_id from conversion where external_id = 'web-1'`)).toEqual([{ site_id: open.id }]);
  });

  it('stores the sale of somebody without consent, without a person', async () => {
    const open = await newSite({ conversions: 'accept' });
    const { visitorId: _, ...sale } = aConversion('web-2');
    for (let times = 0; times < 2; times += 1)
      expect((await collect({ key: open.key, conversions: [sale] })).body).toEqual({ accepted: 1, rejected: [] });
    expect(await rows(`select identity_id, site_id from conversion where external_id = 'web-2'`)).toEqual([
      { identity_id: null, site_id: open.id },
    ]);
    // A server knows whom it reports.
    const { status, body } = await api.send('POST', '/v1/conversions', {
      key: api.keys.developer,
      body: { items: [{ ...sale, externalId: 'server-2', identity: {} }] },
    });
    expect({ status, body }).toMatchObject({ status: 202, body: { results: [{ code: 'no-identity' }] } });
  });

  it('lets no conversion of a browser name a customer where the site says so', async () => {
    const { key } = await newSite({ conversions: 'accept', identities: 'refuse' });
    const named = { ...aConversion('web-3'), customerId: 'c-78' };
    expect((await collect({ key, conversions: [named] })).body).toMatchObject({
      accepted: 0,
      rejected: [{ path: 'conversions.0', code: 'not-allowed' }],
    });
    expect(await rows(`select id from identity where value = 'c-78'`)).toEqual([]);
  });

  it('corrects a clock that is wrong by hours and refuses events of another day', async () => {
    const wrong = new Date(Date.now() + 5 * 3_600_000).toISOString();
    const item = visit({ occurredAt: wrong });
    expect((await collect({ sentAt: wrong, touchpoints: [item] })).body).toMatchObject({ accepted: 1 });
    const [{ off }] = (await rows(
      'select abs(extract(epoch from occurred_at - received_at)) < 60 as off from touchpoint where id = $1',
      [item.id],
    )) as [{ off: boolean }];
    expect(off).toBe(true);
    const old = visit({ occurredAt: new Date(Date.now() - 26 * 3_600_000).toISOString() });
    expect((await collect({ touchpoints: [old] })).body).toMatchObject({
      accepted: 0,
      rejected: [{ code: 'too-old' }],
    });
  });

  it.each([
    ['no key', { key: undefined }, { origin: ORIGIN }, 401],
    ['a key of nobody', { key: siteKey(newId('program'), newId('site')) }, { origin: ORIGIN }, 401],
    ['a key that is none', { key: 'tk_secret' }, { origin: ORIGIN }, 401],
    ['a page of another site', {}, { origin: 'https://evil.example' }, 403],
    ['no page at all', {}, {}, 403],
    ['an unknown field', { more: 1 }, { origin: ORIGIN }, 422],
    ['51 items', { touchpoints: Array.from({ length: 51 }, () => visit()) }, { origin: ORIGIN }, 422],
    ['100 kB', { touchpoints: [visit({ properties: { a: 'x'.repeat(100_000) } })] }, { origin: ORIGIN }, 413],
  ])('refuses %s', async (_, body, headers, status) => {
    const reply = await collect(body, headers);
    expect(reply.status).toBe(status);
    if (status < 403) expect(reply.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('refuses what is not JSON', async () => {
    const reply = await api.send('POST', '/v1/collect', { raw: '{"key":', headers: { origin: ORIGIN } });
    expect(reply).toMatchObject({ status: 400, body: { code: 'malformed' } });
  });

  it('takes nothing for a site that was switched off', async () => {
    const off = await newSite({});
    await api.send('DELETE', `/v1/sites/${off.id}`, { key: api.keys.owner });
    expect((await collect({ key: off.key, touchpoints: [visit()] })).status).toBe(401);
  });
});

describe('GET /t.js', () => {
  it('is a script of at most 3 kB, zipped, that any page may load and keep', async () => {
    const reply = await api.send('GET', '/t.js');
    expect(gzipSync(reply.text).length).toBeLessThanOrEqual(3_000);
    expect(reply.headers.get('content-type')).toContain('text/javascript');
    expect(reply.headers.get('cache-control')).toContain('max-age=3600');
    expect(reply.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    const again = await api.send('GET', '/t.js', { headers: { 'if-none-match': reply.headers.get('etag')! } });
    expect(again).toMatchObject({ status: 304, text: '' });
  });
});

describe('POST /v1/consents/withdraw', () => {
  const withdraw = (identity: object, key = api.keys.developer) =>
    api.send('POST', '/v1/consents/withdraw', { key, body: { identity } });

  it('takes the person away behind their touchpoints', async () => {
    await collect({ touchpoints: [visit({ visitorId: 'leaves-soon' })] });
    const reply = await withdraw({ visitorId: 'leaves-soon' });
    expect(reply).toMatchObject({ status: 200, body: { identities: 1, touchpoints: 1 } });
    expect(await rows(`select id from identity where value = 'leaves-soon'`)).toEqual([]);
  });

  it('reaches the click that was answered a moment ago', async () => {
    const body = { partnerId, destination: 'https://shop.example/' };
    const link = await api.send('POST', '/v1/links', { key: api.keys.developer, body });
    const path = new URL(link.body.url).pathname;
    // The first of some clicks may be stored at once; that of the last waits for others to share a commit.
    for (const visitor of ['clicks-first', 'clicks-last'])
      await api.send('GET', path, { headers: { cookie: `tdvid=${visitor}` } });
    const reply = await withdraw({ visitorId: 'clicks-last' });
    expect(reply).toMatchObject({ status: 200, body: { identities: 1, touchpoints: 1 } });
    await api.clicks.flush();
    expect(await rows(`select id from identity where value = 'clicks-last'`)).toEqual([]);
  });

  it('says that nobody was known, without telling why', async () => {
    expect((await withdraw({ customerId: 'never-seen' })).body).toMatchObject({ identities: 0, touchpoints: 0 });
  });

  it.each([[{}], [{ customerId: 'null' }], [{ customerId: '' }], [{ name: 'Mira' }]])(
    'refuses %j',
    async (identity) => {
      const reply = await withdraw(identity);
      expect(reply).toMatchObject({ status: 422, body: { code: 'invalid' } });
      expect(reply.body.errors[0].path).toMatch(/^identity/);
    },
  );
});

function aConversion(externalId: string) {
  return {
    externalId,
    visitorId: VISITOR,
    type: 'purchase',
    value: { minor: 1_000, currency: 'EUR' },
    occurredAt: now(),
  };
}
