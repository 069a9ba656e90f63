import { describe, expect, it } from '@jest/globals';
import { csvRow } from '../../db/import/csv-row.ts';
import { readHeaderOf } from '../../db/import/header.ts';
import { rulesOf } from '../../db/import/rules.ts';

/** A row with every column of its kind; those of a group that needs one only are told apart. */
const KINDS = [
  {
    kind: 'touchpoints',
    needs: { kind: 'click', occurredAt: '2026-01-01T00:00:00Z' },
    oneOf: [['identity.visitorId', 'identity.customerId', 'identity.emailHash', 'consent.measurement']],
    // Whether a touchpoint without a channel is a partner's is known where its codes are looked up.
    more: { channel: 'video', partnerId: 'prt_1', linkCode: 'l', couponCode: 'C', id: 't', subId: 's' },
  },
  {
    kind: 'conversions',
    needs: {
      externalId: 'o',
      type: 'sale',
      'value.minor': '5',
      'value.currency': 'EUR',
      occurredAt: '2026-01-01T00:00:00Z',
    },
    oneOf: [],
    more: {
      ...{ 'identity.visitorId': 'v', clickId: 'c', couponCode: 'C', newCustomer: 'true', vertical: 'x' },
      ...{ country: 'DE', product: 'p', parentExternalId: 'p1' },
    },
  },
  {
    kind: 'refunds',
    needs: { externalId: 'r', conversionExternalId: 'o', reason: 'back', occurredAt: '2026-01-01T00:00:00Z' },
    oneOf: [],
    more: { 'value.minor': '5', 'value.currency': 'EUR' },
  },
  { kind: 'journeys', needs: { path: 'a|b' }, oneOf: [], more: { conversions: '1', value: '2.5', nulls: '3' } },
] as const;

describe.each(KINDS)('the header of $kind', ({ kind, needs, oneOf, more }) => {
  const sample: Record<string, string> = { ...needs, ...more };
  for (const group of oneOf) for (const column of group) sample[column] = column.startsWith('consent') ? 'false' : 'v1';
  if (kind !== 'journeys' && kind !== 'refunds') sample.properties = '';
  const read = (columns: readonly string[]) =>
    rulesOf(kind).read(csvRow(kind, columns, columns.map((column) => sample[column]!).join(',')));
  const all = Object.keys(sample);

  it('takes every column that its rows take', () => {
    expect(readHeaderOf(kind, all.join(','))).toEqual(all);
    expect(read(all)).toBeDefined();
  });

  it('needs no column that its rows do not need, and every one that they do', () => {
    const least = [...Object.keys(needs), ...oneOf.map(([first]) => first)];
    expect(read(least)).toBeDefined();
    for (const column of Object.keys(needs)) {
      const rest = all.filter((other) => other !== column);
      expect(() => read(rest)).toThrow();
      expect(() => readHeaderOf(kind, rest.join(','))).toThrow(new RegExp(`^Missing: ${column}\\.$`));
    }
    for (const column of Object.keys(more)) {
      const rest = all.filter((other) => other !== column);
      expect(readHeaderOf(kind, rest.join(','))).toEqual(rest);
    }
    for (const group of oneOf) for (const column of group) expect(read([...Object.keys(needs), column])).toBeDefined();
  });
});

it('names few of many columns that nobody knows, and those in short', () => {
  const many = Array.from({ length: 60 }, (_, index) => `c${index}`);
  expect(() => readHeaderOf('journeys', [...many, 'nulls'].join(','))).toThrow(/"c9" and 50 more\.$/);
  expect(() => readHeaderOf('journeys', 'x'.repeat(5_000))).toThrow(`"${'x'.repeat(60)}…"`);
});
