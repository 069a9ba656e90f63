import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PlainTouchpoints } from '../../db/import/plain-touchpoint.ts';
import { readRow } from '../../db/import/row.ts';
import { Refusal } from '../../db/intake/result.ts';
import { readTouchpointItem } from '../../db/intake/touchpoint-item.ts';

const LONG = 'x'.repeat(255);
/** Cells that are in order, the first two of each at least, and such as are not or only nearly so. */
const CELLS: Record<string, readonly string[]> = {
  id: ['e1', 'e2', '', LONG, `${LONG}x`, 'ä', '"q"', '"a,b"', 'a b', '\u0000', 'E-9'],
  'identity.visitorId': ['v1', 'v2', '', 'null', 'NaN', '0', '000', '[object object]', '"v"', LONG, 'V 3'],
  'identity.customerId': ['c1', '', '', 'Test', 'c"1', '(not', 'guest', 'tandem:order:1'],
  'identity.emailHash': ['ABC', 'abc', '', '', 'Unknown'],
  channel: ['video', 'blog', '', 'Video', 'paid-search', 'a'.repeat(64), 'a'.repeat(65), ' video'],
  kind: ['click', 'view', 'code', '', 'Click', 'toString'],
  occurredAt: [
    ...['2026-01-01T00:00:00Z', '2026-01-28T23:59:59.999999Z', '2026-01-31T12:00:00.5Z', '2026-02-30T00:00:00Z', ''],
    ...[
      '2026-01-01T00:00:00+01:00',
      '1969-12-31T00:00:00Z',
      '2026-01-01',
      '2026-01-01T24:00:00Z',
      '2026-13-01T00:00:00Z',
    ],
  ],
  partnerId: ['prt_1', '', '', 'prt 1'],
  linkCode: ['l1', '', '', 'l"'],
  couponCode: ['C1', '', ''],
  subId: ['s1', '', '', 's;1'],
  'consent.measurement': ['true', 'false', '', '', 'yes', 'True'],
  properties: ['', '', '{"a":1}', '"{""a"":1}"'],
  toString: ['', '', 'x'],
};
const cellOf = (cells: readonly string[]) =>
  fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...cells.slice(0, 2)) },
    { weight: 1, arbitrary: fc.constantFrom(...cells) },
  );
const COLUMNS = Object.keys(CELLS);
const NEEDED = ['id', 'identity.visitorId', 'kind', 'occurredAt', 'consent.measurement'];

const outcomeOf = (read: () => unknown) => {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
};

/** Headers with rows below them; some rows have a cell more or fewer. */
const files = fc
  .shuffledSubarray(COLUMNS, { minLength: 1 })
  .chain((some) => fc.constantFrom(some, COLUMNS, NEEDED))
  .chain((columns) => {
    const row = fc
      .tuple(fc.tuple(...columns.map((column) => cellOf(CELLS[column]!))), fc.integer({ min: 0, max: 40 }))
      .map(([cells, odd]) => (odd === 0 ? cells.slice(1) : odd === 1 ? [...cells, ''] : cells).join(','));
    return fc.tuple(fc.constant(columns), fc.array(row, { minLength: 1, maxLength: 8 }));
  });

describe('a row of touchpoints that is read at sight', () => {
  it('is what the general readers make of it, whatever stands before and behind it', () => {
    let plain = 0;
    let all = 0;
    fc.assert(
      fc.property(files, ([columns, rows]) => {
        const reader = new PlainTouchpoints(columns);
        const chunk = rows.map((row) => Buffer.from(row).toString('latin1')).join('\n,');
        let from = 0;
        for (const row of rows) {
          const to = from + Buffer.byteLength(row);
          const item = reader.read(chunk, from, to);
          from = to + 2;
          all += 1;
          if (item === null) continue;
          plain += 1;
          expect(item).toEqual(outcomeOf(() => readTouchpointItem(readRow('touchpoints', columns, row))));
        }
      }),
      { numRuns: 20_000 },
    );
    expect(plain).toBeGreaterThan(all / 5);
  });

  it('is nearly every row of a usual file', () => {
    const columns = ['id', 'identity.visitorId', 'channel', 'kind', 'occurredAt', 'properties'];
    const reader = new PlainTouchpoints(columns);
    const row = 'e1,v1,video,click,2026-01-01T00:00:00Z,';
    const item = readTouchpointItem(readRow('touchpoints', columns, row));
    expect(reader.read(row, 0, row.length)).toEqual(item);
    expect(reader.read(`${row}\n${row}`, row.length + 1, 2 * row.length + 1)).toEqual(item);
  });
});
