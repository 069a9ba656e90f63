import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { undoMerge } from '../../db/intake/merge-undo.ts';
import { inTransaction } from '../../db/transaction.ts';
import { LinkCache } from '../../api/redirect/link-cache.ts';
import { withClickId } from '../../api/redirect-url.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { eventually } from '../support/eventually.ts';
import { insertTestPartner } from './partner-row.ts';

let api: ApiStack;
let partnerId: string;
beforeAll(async () => {
  api = await startApi();
  partnerId = await insertTestPartner(api.pool, api.programId, 'Mira');
});
afterAll(() => api.stop());

const now = () => new Date().toISOString();
const sale = (externalId: string, more = {}) => ({
  externalId,
  identity: { visitorId: 'v1' },
  type: 'purchase',
  value: { minor: 1000, currency: 'EUR' },
  occurredAt: now(),
  ...more,
});

describe('the redirect', () => {
  it.each([
    ['https://shop.example/a', 'https://shop.example/a?tdclid=c'],
    ['https://shop.example/a?b=1%20x&sig=A%2bB#top', 'https://shop.example/a?b=1%20x&sig=A%2bB&tdclid=c#top'],
    ['https://shop.example/#/route?x=1', 'https://shop.example/?tdclid=c#/route?x=1'],
    ['https://shop.example/?a=1&&b=2&', 'https://shop.example/?a=1&&b=2&tdclid=c'],
    ['https://shop.example/?', 'https://shop.example/?tdclid=c'],
    ['https://shop.example/?tdclid=old&b', 'https://shop.example/?b&tdclid=c'],
  ])('appends the click id to %s and leaves the rest', (destination, expected) => {
    expect(withClickId(destination, 'c', 'tdclid')).toBe(expected);
  });

  it('names the click id as the programme wants it, for links that are in memory too', async () => {
    const other = await api.anotherProgram();
    const partner = await insertTestPartner(api.pool, other.programId, 'Noa');
    const body = { partnerId: partner, destination: 'https://shop.example/' };
    const { code } = (await api.send('POST', '/v1/links', { key: other.keys.partner_manager, body })).body;
    const links = new LinkCache(api.pool, { freshForMs: 0 });
    expect(await links.find(code)).toMatchObject({ clickParameter: 'tdclid' });
    const settings = { tracking: { clickParameter: 'cid' } };
    const changed = await api.send('PATCH', '/v1/program', { key: other.keys.owner, body: { settings } });
    expect(changed).toMatchObject({ status: 200, body: { settings } });
    await eventually(() => expect(links.get(code)).toMatchObject({ clickParameter: 'cid' }));
    const followed = await api.send('GET', `/r/${code}`);
    expect(followed.headers.get('location')).toMatch(/^https:\/\/shop\.example\/\?cid=[\w-]+$/);
  });

  it.each([
    ['_paid', 201],
    ['paid-social', 201],
    ['-paid', 422],
    ['Paid', 422],
    ['', 422],
  ])('takes the channels that rules and facts can name: "%s"', async (channel, status) => {
    const body = { partnerId, destination: 'https://shop.example/', channel };
    const reply = await api.send('POST', '/v1/links', { key: api.keys.partner_manager, body });
    expect(reply.status).toBe(status);
    if (status === 422)
      expect(reply.body.errors).toMatchObject([
        { path: 'channel', message: expect.stringContaining('Give a channel of') },
      ]);
  });

  it('stores a touchpoint and keeps the visitor in a first-party cookie', async () => {
    const destination = 'https://shop.example/tv?color=red#specs';
    const made = await api.send('POST', '/v1/links', {
      key: api.keys.partner_manager,
      body: { partnerId, destination, channel: 'video', subId: 'spring' },
    });
    expect(made.status).toBe(201);
    const first = await fetch(made.body.url, { redirect: 'manual' });
    expect(first.status).toBe(302);
    expect(first.headers.get('location')).toMatch(/^https:\/\/shop\.example\/tv\?color=red&tdclid=[\w-]+#specs$/);
    const cookies = first.headers.getSetCookie().map((line) => line.split(';')[0]!);
    expect(cookies).toHaveLength(2);
    await fetch(made.body.url, { redirect: 'manual', headers: { cookie: cookies.join('; ') } });
    await api.clicks.flush();
    const { rows } = await inTransaction(api.pool, api.programId, (tx) =>
      tx.query(
        `select count(*)::int as touches, count(distinct identity_id)::int as persons, min(channel) as channel, min(sub_id) as sub_id
         from touchpoint where link_id = $1`,
        [made.body.id],
      ),
    );
    expect(rows[0]).toEqual({ touches: 2, persons: 1, channel: 'video', sub_id: 'spring' });
  });

  it('is looked up the first time, and answered from memory ahead of Express from then on', async () => {
    const sources = async () => {
      const { text } = await api.send('GET', '/metrics');
      const count = (source: string) =>
        Number(
          new RegExp(`^tandem_links_followed_total\\{.*source="${source}".*\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0,
        );
      return { memory: count('memory'), database: count('database') };
    };
    const { body } = await api.send('POST', '/v1/links', {
      key: api.keys.partner_manager,
      body: { partnerId, destination: 'https://shop.example/' },
    });
    const before = await sources();
    for (const query of ['', '?subId=x', '?y']) await fetch(`${body.url}${query}`, { redirect: 'manual' });
    await api.send('GET', '/r/nobody-has-this');
    expect(await sources()).toEqual({ memory: before.memory + 2, database: before.database + 1 });
  });

  it('refuses a destination that is no web address', async () => {
    const body = { partnerId, destination: 'javascript:alert(1)' };
    const reply = await api.send('POST', '/v1/links', { key: api.keys.partner_manager, body });
    expect(reply.body).toMatchObject({ status: 422, errors: [{ path: 'destination' }] });
  });
});

describe('intake', () => {
  it('takes good items, tells duplicates, and rejects bad ones without stopping the others', async () => {
    const first = sale('o-1');
    const items = [first, sale('o-2', { value: { minor: -1, currency: 'EUR' } }), sale('o-3'), 'nonsense'];
    const reply = await api.send('POST', '/v1/conversions', {
      key: api.keys.machine,
      body: { items },
      idempotencyKey: null,
    });
    expect(reply.status).toBe(202);
    expect(reply.body.results.map(({ status }: any) => status)).toEqual([
      'accepted',
      'rejected',
      'accepted',
      'rejected',
    ]);
    const again = await api.send('POST', '/v1/conversions', { key: api.keys.machine, body: { items: [first] } });
    expect(again.body.results[0]).toMatchObject({ status: 'duplicate', id: reply.body.results[0].id });
  });

  it.each(['touchpoints', 'conversions', 'refunds', 'identities'])('refuses 1,001 %s at once', async (noun) => {
    const items = Array.from({ length: 1_001 }, () => ({}));
    const reply = await api.send('POST', `/v1/${noun}`, { key: api.keys.machine, body: { items } });
    expect(reply.body).toMatchObject({ status: 422, errors: [{ path: 'items' }] });
  });

  it('answers what it rejects by the id that the sender gave', async () => {
    const send = async (noun: string, ...items: unknown[]) =>
      (await api.send('POST', `/v1/${noun}`, { key: api.keys.machine, body: { items } })).body.results;
    const isRejected = { status: 'rejected', code: 'invalid' };
    expect(await send('touchpoints', { id: 'mine-1', channel: '?' }, 7, { id: 8 })).toMatchObject([
      { ...isRejected, index: 0, id: 'mine-1' },
      { ...isRejected, index: 1, id: null },
      { ...isRejected, index: 2, id: null },
    ]);
    expect(await send('conversions', { externalId: 'mine-2' })).toMatchObject([
      { ...isRejected, id: null, externalId: 'mine-2' },
    ]);
    expect(await send('refunds', { externalId: 'mine-3' })).toMatchObject([
      { ...isRejected, id: null, externalId: 'mine-3' },
    ]);
  });

  it('says that a merge was refused and why, and makes it once an undo has made room', async () => {
    const told = async (...numbers: number[]) => {
      const items = numbers.map((no) => ({ visitorId: `full-${no}`, customerId: 'full', occurredAt: now() }));
      return (await api.send('POST', '/v1/identities', { key: api.keys.machine, body: { items } })).body.results;
    };
    const first = await told(...Array.from({ length: 49 }, (_, no) => no));
    expect(first.filter(({ status }: any) => status === 'accepted')).toHaveLength(49);
    const refused = { id: null, status: 'rejected', code: 'too-many-ids', detail: expect.stringContaining('50 ids') };
    for (let times = 0; times < 2; times += 1) expect(await told(99)).toEqual([{ index: 0, ...refused }]);
    const merges = async (query: string) =>
      (await api.send('GET', `/v1/identity-merges?${query}`, { key: api.keys.owner })).body.items;
    expect(await merges('visitorId=full-99')).toMatchObject([{ refusedReason: 'too-many-ids' }]);
    const [{ id }] = (await merges('customerId=full&limit=100')).filter(({ refusedReason, a, b }: any) =>
      [a.value, b.value].includes('full-7') ? refusedReason === null : false,
    );
    const undo = { key: api.keys.partner_manager, body: { reason: 'A shared device' } };
    expect((await api.send('POST', `/v1/identity-merges/${id}/undo`, undo)).status).toBe(200);
    expect(await told(99)).toMatchObject([{ status: 'accepted' }]);
    const lines = (await merges('visitorId=full-99&limit=100')).filter(({ a, b }: any) =>
      [a.value, b.value].includes('full-99'),
    );
    expect(lines.map(({ refusedReason }: any) => refusedReason)).toEqual(['too-many-ids', null]);
    expect(await told(99)).toMatchObject([{ status: 'duplicate' }]);
  });

  it('tells whoever takes a merge back a moment too late who did it, also when the two meet', async () => {
    const items = [{ visitorId: 'meeting-v', customerId: 'meeting-c', occurredAt: now() }];
    await api.send('POST', '/v1/identities', { key: api.keys.machine, body: { items } });
    const listed = await api.send('GET', '/v1/identity-merges?customerId=meeting-c', { key: api.keys.owner });
    const [{ id }] = listed.body.items;
    const undo = { key: api.keys.partner_manager, body: { reason: 'A shared device' } };
    let late: ReturnType<typeof api.send> | undefined;
    await inTransaction(api.pool, api.programId, async (tx) => {
      await undoMerge(tx, { mergeId: id, reason: 'The first', by: api.people.owner! });
      late = api.send('POST', `/v1/identity-merges/${id}/undo`, undo);
      await eventually(async () => {
        // Asked by another session: a transaction sees the activity of its first look only.
        const { rows } = await api.pool.query(
          'select pid from pg_locks join pg_stat_activity using (pid) where datname = current_database() and not granted',
        );
        expect(rows).toHaveLength(1);
      });
    });
    const first = { reason: 'The first', by: api.people.owner, at: expect.any(String) };
    expect(await late).toMatchObject({ status: 409, body: { code: 'illegal-transition', undo: first } });
  });

  it('nudges the feed', async () => {
    await api.send('POST', '/v1/conversions', { key: api.keys.machine, body: { items: [sale('o-9')] } });
    const handle = api.temporal.client.workflow.getHandle(`attribution-feed/${api.programId}`);
    for (let tries = 0; tries < 50; tries += 1) {
      const found = await handle.describe().catch(() => undefined);
      if (found) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect((await handle.describe()).type).toBe('attributionFeed');
    await handle.terminate();
  });

  it.each(['touchpoints', 'conversions', 'refunds', 'identities'])(
    'is not for whoever runs the programme: %s',
    async (noun) => {
      for (const who of ['reviewer', 'finance', 'partner_manager', 'auditor']) {
        const reply = await api.send('POST', `/v1/${noun}`, { key: api.keys[who]!, body: { items: [sale('o-4')] } });
        expect({ who, ...reply }).toMatchObject({
          who,
          status: 403,
          body: { detail: `This is for owner or developer; your role is ${who}.` },
        });
      }
    },
  );
});

it("does not let a link use another program's partner", async () => {
  const other = await api.anotherProgram();
  const foreign = await insertTestPartner(api.pool, other.programId, 'Foreign');
  const body = { partnerId: foreign, destination: 'https://shop.example/' };
  const reply = await api.send('POST', '/v1/links', { key: api.keys.partner_manager, body });
  expect(reply.body).toMatchObject({ status: 422, errors: [{ path: 'partnerId' }] });
  expect((await api.send('GET', `/v1/partners/${foreign}`, { key: api.keys.owner })).status).toBe(404);
});
