import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inTransaction } from '../../db/transaction.ts';
import { insertLink } from '../../db/queries/link.ts';
import { createLogger } from '../../runtime/log.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { oddDestinations } from './odd-destinations.ts';
import { insertTestPartner } from './partner-row.ts';

/** What a header may hold, and an address. */
const SENDABLE = /^[\x21-\x7e]+$/;
const LODZ = 'https://shop.example/%C5%82%C3%B3d%C5%BA';
/** Made before the server: it takes seconds on a busy machine, in which idle connections are closed. */
const destinations = oddDestinations();
fc.sample(destinations, 10);

let api: ApiStack;
let partnerId: string;
const lines: { msg: string; requestId?: string; err?: { code: string } }[] = [];
beforeAll(async () => {
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  api = await startApi({ log: createLogger('api', { level: 'error', destination }) });
  partnerId = await insertTestPartner(api.pool, api.programId, 'Mira');
});
afterAll(() => api.stop());

it.each([
  ['https://shop.example/łódź', LODZ],
  ['https://shop.example/🎁?für=é#größe', 'https://shop.example/%F0%9F%8E%81?f%C3%BCr=%C3%A9#gr%C3%B6%C3%9Fe'],
  ['https://łódź.example/', 'https://xn--d-uga0v4h.example/'],
  ['https://shop.example/a b?c d="<e>"#f g', 'https://shop.example/a%20b?c%20d=%22%3Ce%3E%22#f%20g'],
  ["https://shop.example/%7ea?sig=A%2bB'(x)&q=100%&&z#%zz", "https://shop.example/%7ea?sig=A%2bB'(x)&q=100%&&z#%zz"],
])('shows %s as it was given, and sends visitors on to %s', async (destination, sent) => {
  const made = await makeLink(destination);
  expect(made).toMatchObject({ status: 201, body: { destination } });
  for (const source of ['the database', 'memory']) {
    const location = await locationOf(made.body.code);
    expect([source, location.replace(/(?<=[?&])tdclid=[\w-]+/, '*')]).toEqual([source, withMark(sent)]);
  }
  const head = await follow(made.body.code, 'HEAD');
  expect([head.status, head.headers.get('location')]).toEqual([302, sent]);
});

it('sends visitors on by a link that was stored before destinations were looked at', async () => {
  const stored = ['https://shop.example/łódź', ' https://shop.example/ł\tód\nź '];
  for (const [index, destination] of stored.entries()) {
    const code = `old-${index}`;
    await inTransaction(api.pool, api.programId, (tx) => insertLink(tx, { partnerId, code, destination }));
    for (let times = 0; times < 2; times += 1)
      expect(await locationOf(code)).toMatch(/^https:\/\/shop\.example\/%C5%82%C3%B3d%C5%BA\?tdclid=[\w-]+$/);
  }
});

it('refuses a destination that is longer than 2,000 characters when it is sent, or that cannot be stored', async () => {
  const path = 'ł'.repeat(329);
  expect((await makeLink(`https://shop.example/${path}`)).status).toBe(201);
  for (const destination of [`https://shop.example/${path}ł`, 'https://shop.example/\0', 'https://shop.example/\ud800'])
    expect(await makeLink(destination)).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'destination' }] },
    });
});

it.each([
  [`https://shop.example/${'x'.repeat(5_000)}`, 'Give an address of at most 2,000 characters.'],
  ['https://shop.example:99999/', 'Give a port up to 65535; 99999 is none.'],
  [
    'https://exa mple/',
    'Give a whole web address such as https://shop.example/path; what stands behind https:// cannot be read.',
  ],
  ['shop.example', 'Give a web address that starts with https://.'],
  ['ftp://shop.example/', 'Give a web address that starts with https://.'],
])('says what to give instead of %s', async (destination, message) => {
  expect((await makeLink(destination)).body.errors).toEqual([{ path: 'destination', message }]);
});

it('sends visitors on, in ASCII and to the same place, by whatever it took for a destination', async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(destinations, async (destination) => {
      const made = await makeLink(destination);
      if (made.status !== 201) {
        const faults = made.body.errors.map(({ path }: { path: string }) => path);
        expect([made.status, ...new Set(faults)]).toEqual([422, 'destination']);
        return;
      }
      taken += 1;
      for (let times = 0; times < 2; times += 1) expectSamePlace(await locationOf(made.body.code), destination.trim());
    }),
    { numRuns: 80 },
  );
  expect(taken).toBeGreaterThan(20);
}, 120_000);

it('tells one visitor of a fault and writes it down, from memory too, and sends the others on', async () => {
  const other = await api.anotherProgram();
  const partner = await insertTestPartner(api.pool, other.programId, 'Noa');
  const body = { partnerId: partner, destination: 'https://shop.example/' };
  const { code } = (await api.send('POST', '/v1/links', { key: other.keys.partner_manager, body })).body;
  // What no contract lets through: the name cannot stand in a header.
  const settings = JSON.stringify({ tracking: { clickParameter: 'kliknięcie' } });
  await inTransaction(api.pool, other.programId, (tx) =>
    tx.query('update program set settings = settings || $1 where program_id = $2', [settings, other.programId]),
  );
  const sound = (await makeLink('https://shop.example/')).body.code;
  lines.length = 0;
  for (let times = 0; times < 3; times += 1) {
    const reply = await follow(code);
    const page = await reply.text();
    expect([times, reply.status, reply.headers.get('content-type')]).toEqual([times, 500, 'text/html; charset=utf-8']);
    expect(reply.headers.getSetCookie()).toEqual([]);
    expect(page).toContain('Something went wrong');
    const line = lines.at(-1)!;
    expect(line.err!.code).toBe('ERR_INVALID_CHAR');
    expect(page).toContain(line.requestId!);
    expect(await locationOf(sound)).toMatch(/^https:\/\/shop\.example\/\?tdclid=/);
  }
  expect(lines).toHaveLength(3);
  const { text } = await api.send('GET', '/metrics');
  expect(text).toMatch(/^tandem_http_request_seconds_count\{.*route="links\.follow".*status="500".*\} 3$/m);
});

function makeLink(destination: string) {
  return api.send('POST', '/v1/links', { key: api.keys.partner_manager, body: { partnerId, destination } });
}

function follow(code: string, method = 'GET'): Promise<Response> {
  const headers = { accept: 'text/html' };
  return fetch(`${api.baseUrl}/r/${code}`, { method, headers, redirect: 'manual', signal: AbortSignal.timeout(5_000) });
}

async function locationOf(code: string): Promise<string> {
  const reply = await follow(code);
  expect(reply.status).toBe(302);
  const location = reply.headers.get('location')!;
  expect(location).toMatch(SENDABLE);
  return location;
}

/** Where the click id belongs: at the end of the query. */
function withMark(sent: string): string {
  const [base, fragment] = sent.split('#');
  return `${base}${base!.includes('?') ? '&' : '?'}*${fragment === undefined ? '' : `#${fragment}`}`;
}

/** Both name one place for a browser; the click id is the last of the query. */
function expectSamePlace(location: string, destination: string): void {
  const [sent, given] = [new URL(location), new URL(destination)];
  const clickId = /tdclid=[\w-]+$/.exec(sent.search)?.[0];
  const joint = given.search === '' ? '?' : given.search.endsWith('&') ? '' : '&';
  expect(sent.search).toBe(`${given.search}${joint}${clickId}`);
  sent.search = given.search = '';
  expect(sent.href).toBe(given.href);
}
