import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  addDays,
  addMonths,
  daysBetween,
  endOfMonth,
  firstOfNextMonth,
  parseLocalDate,
  weekday,
} from '../../../domain/time/local-date.ts';
import { wholeMonthsBetween } from '../../../domain/time/months-between.ts';

describe('local dates', () => {
  it('know months, leap years and weekdays', () => {
    expect(endOfMonth('2024-02-10')).toBe('2024-02-29');
    expect(firstOfNextMonth('2026-12-31')).toBe('2027-01-01');
    expect(addDays('2026-02-28', 1)).toBe('2026-03-01');
    expect(['2026-03-16', '2026-03-22', '1969-12-29'].map(weekday)).toEqual([1, 7, 1]);
    expect(() => parseLocalDate('2026-02-29')).toThrow(/day/);
  });

  it('add months to the last day there is, and keep the end of a month sticky', () => {
    expect(addMonths('2026-01-31', 1)).toBe('2026-02-28');
    expect(addMonths('2026-02-28', 1)).toBe('2026-03-28');
    expect(addMonths('2026-02-28', 1, { sticky: true })).toBe('2026-03-31');
    expect(addMonths('2026-03-31', -13)).toBe('2025-02-28');
  });

  it('count the days that they add', () => {
    fc.assert(
      fc.property(fc.integer({ min: -20_000, max: 20_000 }), (days) => {
        expect(daysBetween('2026-01-01', addDays('2026-01-01', days))).toBe(days);
      }),
    );
  });
});

describe('months between instants', () => {
  it.each([
    ['2026-01-15T12:00:00Z', '2026-02-15T12:00:00Z', 1],
    ['2026-01-15T12:00:00Z', '2026-02-15T11:59:59Z', 0],
    ['2026-01-31T12:00:00Z', '2026-02-28T12:00:00Z', 1],
    ['2026-01-31T12:00:00Z', '2027-01-31T12:00:00Z', 12],
    ['2026-02-01T00:00:00Z', '2026-01-01T00:00:00Z', 0],
    ['2026-01-15T23:30:00-05:00', '2026-02-16T04:30:00Z', 1],
  ])('from %s to %s are %i', (from, to, months) => {
    expect(wholeMonthsBetween(from, to)).toBe(months);
  });
});
