import { expect, it } from '@jest/globals';
import { changesCurrency, holdFromWindows } from '../../../domain/contract/currency-change.ts';
import { contractInForce } from '../../../domain/contract/in-force.ts';
import { defaultTerms } from '../../../domain/contract/terms.ts';

const version = (no: number, from: string, currency: string) => ({
  contractId: 'ctr_1',
  version: no,
  countersignedAt: from,
  effectiveFrom: from,
  terms: defaultTerms(currency),
});
const month = (no: number, currency: string) => ({
  fromAt: `2026-0${no}-01T00:00:00Z`,
  toAt: `2026-0${no + 1}-01T00:00:00Z`,
  currency,
});
const euro = version(1, '2026-01-01T00:00:00Z', 'EUR');
const dollar = version(2, '2026-01-15T00:00:00Z', 'USD');
const begins = (versions: (typeof euro)[], windows: ReturnType<typeof month>[]) =>
  holdFromWindows(versions, windows).map(({ effectiveFrom }) => effectiveFrom.slice(0, 10));

it('a version in another currency holds from the first window of its currency on', () => {
  expect(changesCurrency([euro, dollar])).toBe(true);
  expect(begins([euro, dollar], [month(1, 'EUR'), month(2, 'USD')])).toEqual(['2026-01-01', '2026-02-01']);
  // A window that was written ahead, before the change was known, keeps its currency.
  expect(begins([euro, dollar], [month(1, 'EUR'), month(2, 'EUR'), month(3, 'USD')])).toEqual([
    '2026-01-01',
    '2026-03-01',
  ]);
});

it('or from the end of those that are written, or from its own day after them', () => {
  expect(begins([euro, dollar], [month(1, 'EUR')])).toEqual(['2026-01-01', '2026-02-01']);
  expect(begins([euro, version(2, '2026-05-10T00:00:00Z', 'USD')], [month(1, 'EUR')])).toEqual([
    '2026-01-01',
    '2026-05-10',
  ]);
});

it('a version in the currency of its window holds at once', () => {
  const raised = version(2, '2026-01-15T00:00:00Z', 'EUR');
  expect(changesCurrency([euro, raised])).toBe(false);
  expect(begins([euro, raised], [month(1, 'EUR')])).toEqual(['2026-01-01', '2026-01-15']);
});

it('a change that is taken back in the same window never holds', () => {
  const versions = [euro, dollar, version(3, '2026-01-20T00:00:00Z', 'EUR')];
  const held = holdFromWindows(versions, [month(1, 'EUR'), month(2, 'EUR')]);
  const at = (day: string) => contractInForce({ versions: held, endedAt: null }, `2026-${day}T00:00:00Z`)?.version;
  expect(['01-14', '01-16', '01-21', '02-01', '05-01'].map(at)).toEqual([1, 1, 3, 3, 3]);
});

it('the tail of a contract that ended before the next window is in the new currency', () => {
  const ended = [{ ...month(1, 'EUR'), toAt: '2026-01-25T00:00:00Z' }];
  const tail = (one: typeof euro) => ({ ...one, terms: { ...one.terms, tail: 'P30D' } });
  const held = holdFromWindows([tail(euro), tail(dollar)], ended);
  const endedAt = '2026-01-25T00:00:00Z';
  const at = (day: string) => contractInForce({ versions: held, endedAt }, `2026-${day}T00:00:00Z`)?.version;
  expect(['01-24', '01-26'].map(at)).toEqual([1, 2]);
});
