import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { orRefusal } from '../../db/import/checked-chunk.ts';
import { Refusal } from '../../db/intake/result.ts';
import { ImportGround } from './import-ground.ts';

let ground: ImportGround;
beforeAll(async () => {
  ground = await ImportGround.open();
});
afterAll(() => ground?.close());

const HEADER = 'id,identity.visitorId,channel,kind,occurredAt,properties';
const good = (n: number) => `f${n},v${n},video,click,2026-01-01T00:00:00Z,`;
const touch = (more: object) =>
  JSON.stringify({
    identity: { visitorId: 'v' },
    channel: 'video',
    kind: 'click',
    occurredAt: '2026-01-01T00:00:00Z',
    ...more,
  });
/** Bytes without a pattern, the same each time. */
function noise(length: number): string {
  let state = 7;
  let text = '';
  for (let at = 0; at < length; at += 1) {
    state = (state * 48_271) % 2_147_483_647;
    text += String.fromCharCode(state & 255);
  }
  return text;
}
const codes = ({ errors }: { errors: { line: number; code: string }[] }) =>
  errors.map(({ line, code }) => `${line} ${code}`);

it.each([
  ['gzip', 'csv', gzipSync(`${HEADER}\n${good(1)}\n`).toString('latin1')],
  ['gzip', 'ndjson', gzipSync(`${touch({})}\n`).toString('latin1')],
  ['zip', 'csv', `PK\u0003\u0004${noise(500)}`],
] as const)('refuses a file packed with %s (%s) by the name of what packs it', async (name, format, bytes) => {
  const found = await ground.bring('touchpoints', bytes, format);
  expect(found).toMatchObject({ state: 'failed', read: 0, errors: [{ line: 1, code: 'compressed' }] });
  expect(found.failure).toBe(`The file is compressed with ${name}. Send it unpacked, as text.`);
});

it('fails a binary file that was sent as CSV at its header, and refuses each line of one that was sent as JSON', async () => {
  const asCsv = await ground.bring('touchpoints', noise(300_000));
  expect(asCsv).toMatchObject({ state: 'failed', read: 0, errors: [{ line: 1, code: 'header' }] });
  const asJson = await ground.bring('touchpoints', `${noise(300_000)}\n${touch({ id: 'after-noise' })}`, 'ndjson');
  expect(asJson).toMatchObject({ state: 'done', accepted: 1 });
  expect(asJson.rejected).toBe(asJson.read - 1);
  expect(asJson.rejected).toBeGreaterThan(100);
});

it('refuses a line of 10 MB alone, and takes the lines around it', async () => {
  const long = `long,v,video,click,2026-01-01T00:00:00Z,${'x'.repeat(10_000_000)}`;
  const found = await ground.bring('touchpoints', [HEADER, good(1), long, good(2)].join('\n'));
  expect(found).toMatchObject({ state: 'done', accepted: 2, rejected: 1 });
  expect(codes(found)).toEqual(['3 too-long']);
});

it('refuses a quoted cell of megabytes as one line, takes none of the rows within it and all behind it', async () => {
  const within = Array.from({ length: 60_000 }, (_, n) => good(100_000 + n)).join('\n');
  const long = `long,v,video,click,2026-01-01T00:00:00Z,"${within}"`;
  const found = await ground.bring('touchpoints', [HEADER, good(21), long, good(22), good(23)].join('\n'));
  expect(found).toMatchObject({ state: 'done', read: 4, accepted: 3, rejected: 1, total: 4 });
  expect(codes(found)).toEqual(['3 too-long']);
  expect(found.errors[0]!.detail).toBe(
    'A quoted cell holds lines 3 to 60002 together; give at most 65536 bytes in one row.',
  );
  const open = long.replace(/"$/, '').replaceAll(/\bf1/g, 'g1');
  const again = await ground.bring('touchpoints', [HEADER, open, good(24)].join('\n'));
  expect(again).toMatchObject({ state: 'done', read: 60_001, accepted: 60_000, rejected: 1 });
  expect(codes(again)).toEqual(['2 malformed']);
});

it('refuses properties of a megabyte in both formats', async () => {
  const properties = { a: 'x'.repeat(1_000_000) };
  const json = await ground.bring(
    'touchpoints',
    [touch({ id: 'p1', properties }), touch({ id: 'p2' })].join('\n'),
    'ndjson',
  );
  expect(codes(json)).toEqual(['1 too-long']);
  const csv = await ground.bring(
    'touchpoints',
    [HEADER, `p3,v,video,click,2026-01-01T00:00:00Z,"{""a"":""${properties.a}""}"`, good(3)].join('\n'),
  );
  expect(codes(csv)).toEqual(['2 too-long']);
  expect([json.accepted, csv.accepted]).toEqual([1, 1]);
});

it('refuses the line whose properties no double holds or whose levels no reader follows, in both formats', async () => {
  const withProperties = (id: string, json: string) => touch({ id, properties: 'X' }).replace('"X"', json);
  const deep = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
  const json = await ground.bring(
    'touchpoints',
    [
      touch({ id: 'n1' }),
      withProperties('n2', '{"a":1e400}'),
      withProperties('n3', deep(4_000)),
      withProperties('n4', deep(30_000)),
      touch({ id: 'n5' }),
    ].join('\n'),
    'ndjson',
  );
  expect(json).toMatchObject({ state: 'done', accepted: 2 });
  expect(codes(json)).toEqual(['2 invalid', '3 invalid', '4 invalid']);
  expect(json.errors.map(({ detail }) => detail)).toEqual([
    'properties: Give finite numbers, below 1.8e308.',
    'properties: Nest objects and lists at most 32 levels deep.',
    'properties: Nest objects and lists at most 32 levels deep.',
  ]);
  const cell = (id: string, text: string) => `${id},v,video,click,2026-01-01T00:00:00Z,"${text}"`;
  const csv = await ground.bring(
    'touchpoints',
    [HEADER, cell('n6', '{""a"":1e400}'), cell('n7', deep(4_000).replaceAll('"', '""')), good(7)].join('\n'),
  );
  expect(csv).toMatchObject({ state: 'done', accepted: 1 });
  expect(codes(csv)).toEqual(['2 invalid', '3 invalid']);
});

it('makes whatever else reading a row throws the error of its line', () => {
  const broken = () => {
    throw new RangeError('Maximum call stack size exceeded');
  };
  expect(() => orRefusal(broken)).toThrow(
    new Refusal('malformed', 'The line cannot be read: Maximum call stack size exceeded'),
  );
  const refused = new Refusal('id-reused', 'externalId: …');
  expect(() =>
    orRefusal(() => {
      throw refused;
    }),
  ).toThrow(refused);
});

it('fails a file with thousands of columns by their number, at once', async () => {
  const header = Array.from({ length: 15_500 }, (_, index) => index.toString(36)).join(',');
  const began = performance.now();
  const found = await ground.bring('touchpoints', `${header}\n1,2\n`);
  expect(performance.now() - began).toBeLessThan(1_500);
  expect(found).toMatchObject({ state: 'failed', errors: [{ line: 1, code: 'header' }] });
  expect(found.failure).toContain('15500 columns; give at most 200');
});

it.each([
  [
    'of another file',
    'date,amount',
    'Missing: identity.visitorId or identity.customerId or identity.emailHash or consent.measurement, channel or partnerId or linkCode or couponCode, kind, occurredAt. Unknown: "date", "amount".',
  ],
  ['with a slip', HEADER.replace('kind', 'knid'), 'Missing: kind. Unknown: "knid".'],
  ['without a column', HEADER.replace(',occurredAt', ''), 'Missing: occurredAt.'],
  ['with semicolons', HEADER.replaceAll(',', ';'), 'The line has semicolons; separate columns by commas.'],
  ['with tabs', HEADER.replaceAll(',', '\t'), 'The line has tabs; separate columns by commas.'],
])('fails a file at a header %s, keeps none of its rows and says what is missing', async (_, header, reason) => {
  const found = await ground.bring('touchpoints', `${header}\n${`${good(31)}\n`.repeat(6_000)}`);
  expect(found).toMatchObject({ state: 'failed', read: 0, total: 0, errors: [{ line: 1, code: 'header' }] });
  expect(found.failure).toMatch(/^The first line is not a header that can be used: Missing: /);
  expect(found.failure).toContain(reason);
});

it('leaves a column that nobody knows, beside all that are needed, to the rows that fill it', async () => {
  const found = await ground.bring('touchpoints', `${HEADER},note\n${good(32)},\n${good(33)},x\n`);
  expect(found).toMatchObject({ state: 'done', accepted: 1, rejected: 1 });
  expect(found.errors[0]!.detail).toContain('note: Unknown field');
});

it('takes ragged rows, breaks of both kinds and a mark at the beginning line by line', async () => {
  const text = `\xef\xbb\xbf${HEADER}\r\n${good(4)}\n${good(5)},more\r\nshort\r\n\r\n${good(6)}`;
  const found = await ground.bring('touchpoints', text);
  expect(found).toMatchObject({ state: 'done', accepted: 2, rejected: 2 });
  expect(codes(found)).toEqual(['3 malformed', '4 malformed']);
});

it('takes a text with tabs, backslashes and breaks as it was sent, also by the thousand', async () => {
  const value = 'tab\\tslash\\\\ and \\n';
  const lines = Array.from({ length: 1_500 }, (_, n) =>
    touch({ id: `e${n}`, subId: `a\tb\\c\nd\r${n}`, properties: { value } }),
  );
  expect(await ground.bring('touchpoints', lines.join('\n'), 'ndjson')).toMatchObject({ accepted: 1_500 });
  const [stored] = await ground.rows(`select sub_id, properties from touchpoint where id = 'e7'`);
  expect(stored).toEqual({ sub_id: 'a\tb\\c\nd\r7', properties: { value } });
});
