import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { inTransaction } from '../../db/transaction.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { insertTestPartner } from './partner-row.ts';

const DESTINATION = 'https://shop.example/';
const BROWSER = 'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36';

let api: ApiStack;
let partnerId: string;
beforeAll(async () => {
  api = await startApi();
  partnerId = await insertTestPartner(api.pool, api.programId, 'Mira');
});
afterAll(() => api.stop());

it('marks who names himself a robot, and nobody else, and sends both on', async () => {
  const link = await aLink();
  for (const agent of [BROWSER, 'Twitterbot/1.0', BROWSER]) {
    const reply = await follow(link.code, { headers: { 'user-agent': agent } });
    expect([reply.status, reply.headers.get('location')]).toEqual([302, expect.stringContaining(DESTINATION)]);
  }
  expect((await touchesOf(link.id)).map(({ bot }) => bot)).toEqual([false, true, false]);
});

it('tells whoever asks for the head alone where the link leads, and stores no visit of whoever that was, in memory or not', async () => {
  const link = await aLink();
  const headers = { 'user-agent': BROWSER, cookie: 'tdvid=visitor-who-looks' };
  for (const query of ['', '?subId=x']) {
    const reply = await follow(`${link.code}${query}`, { method: 'HEAD', headers });
    expect([reply.status, reply.headers.get('location'), await reply.text()]).toEqual([302, DESTINATION, '']);
    expect([reply.headers.getSetCookie(), reply.headers.get('cache-control')]).toEqual([[], 'no-store']);
  }
  expect(await touchesOf(link.id)).toEqual([]);
  expect((await follow(link.code, { headers })).headers.getSetCookie()).toHaveLength(2);
  expect(await touchesOf(link.id)).toMatchObject([{ kind: 'click', bot: false, visitor: 'visitor-who-looks' }]);
});

it("takes the sub-id of the query instead of the link's own, and the link's own where the query has none of use", async () => {
  const link = await aLink({ subId: 'spring' });
  const queries = [
    ...['', '?subId=sum%20mer%26more', '?a=1&subId=x+y', '?subId=', '?subId=a&subId=b'],
    ...[`?subId=${'n'.repeat(255)}`, `?subId=${'n'.repeat(256)}`, '?subId=%00', '?subid=no'],
  ];
  for (const query of queries) {
    const reply = await follow(`${link.code}${query}`);
    // What is said to the link is not said to the shop.
    expect(reply.headers.get('location')).toMatch(/^https:\/\/shop\.example\/\?tdclid=[\w-]+$/);
  }
  expect((await touchesOf(link.id)).map(({ subId }) => subId)).toEqual([
    ...['spring', 'sum mer&more', 'x y', 'spring', 'spring'],
    ...['n'.repeat(255), 'spring', 'spring', 'spring'],
  ]);
});

it.each(['sec-gpc', 'dnt'])('names nobody who asked by %s not to be tracked, known before or not', async (header) => {
  const link = await aLink();
  const first = await follow(link.code, { headers: { cookie: `tdvid=visitor-before-${header}` } });
  expect(first.headers.getSetCookie()).toHaveLength(2);
  for (const cookie of ['', `tdvid=visitor-before-${header}; tdclid=click-before`]) {
    const reply = await follow(link.code, { headers: { [header]: '1', cookie } });
    expect([reply.status, reply.headers.get('location')]).toEqual([302, DESTINATION]);
    expect(reply.headers.getSetCookie()).toEqual([]);
  }
  const [known, ...rest] = await touchesOf(link.id);
  expect(known).toMatchObject({ consent: true, visitor: `visitor-before-${header}`, hasClickOf: true });
  expect(rest).toHaveLength(2);
  for (const touch of rest)
    expect(touch).toMatchObject({ consent: false, visitor: null, hasClickOf: false, partnerId, properties: null });
  const said = await follow(link.code, { headers: { [header]: '0' } });
  expect(said.headers.getSetCookie()).toHaveLength(2);
});

it.each(['undefined', 'anonymous', '00000000', '00000000-0000-0000-0000-000000000000', 'ANONYMOUS'])(
  'takes the cookie %s for nobody: each browser that sends it is somebody of its own',
  async (placeholder) => {
    const link = await aLink();
    const ids = [];
    for (const query of ['', '?subId=x']) {
      const reply = await follow(`${link.code}${query}`, { headers: { cookie: `tdvid=${placeholder}` } });
      const [set] = reply.headers.getSetCookie();
      ids.push(/^tdvid=([\w-]{36});/.exec(set!)?.[1]);
    }
    expect(new Set([...ids, placeholder, undefined]).size).toBe(4);
    expect((await touchesOf(link.id)).map(({ visitor }) => visitor)).toEqual(ids);
  },
);

it.each(['nobody-has-this', '%00', '%E0%A4%A', 'n'.repeat(65), 'a%2Fb'])(
  'answers /r/%s with a plain page that nobody keeps and that leads nowhere',
  async (code) => {
    const reply = await follow(code);
    const page = await reply.text();
    expect(reply.status).toBe(404);
    expect(reply.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(reply.headers.get('content-security-policy')).toMatch(/^default-src 'none';/);
    expect(reply.headers.getSetCookie()).toEqual([]);
    expect(page).toContain('<h1>This link leads nowhere</h1><p>Check its address, or ask whoever gave it to you.</p>');
    expect(page).not.toMatch(/<script|href=|src=/);
    expect(page).not.toContain(code);
  },
);

it('answers a look at the head of an unknown code without a body', async () => {
  const reply = await follow('nobody-has-this', { method: 'HEAD' });
  expect([reply.status, await reply.text()]).toEqual([404, '']);
});

function follow(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${api.baseUrl}/r/${path}`, { redirect: 'manual', ...init });
}

async function aLink(more: { subId?: string } = {}): Promise<{ id: string; code: string }> {
  const body = { partnerId, destination: DESTINATION, channel: 'video', ...more };
  const made = await api.send('POST', '/v1/links', { key: api.keys.partner_manager, body });
  expect(made.status).toBe(201);
  return made.body;
}

/** The stored touchpoints of a link, in the order of the clicks. */
async function touchesOf(linkId: string) {
  await api.clicks.flush();
  const { rows } = await inTransaction(api.pool, api.programId, (tx) =>
    tx.query(
      `select t.kind, t.bot, t.consent, t.sub_id as "subId", t.partner_id as "partnerId", t.properties,
              i.value as visitor, c.identity_id is not null as "hasClickOf"
       from touchpoint t
       join click c on c.program_id = t.program_id and c.touchpoint_id = t.id
       left join identity i on i.program_id = t.program_id and i.id = t.identity_id
       where t.program_id = $1 and t.link_id = $2
       order by t.occurred_at, t.id`,
      [api.programId, linkId],
    ),
  );
  return rows;
}
