import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { payAfterHold, windowFrom } from '../../../domain/settlement/calendar.ts';
import type { ContractCalendar } from '../../../domain/settlement/calendar.ts';
import { holdEndsMs } from '../../../domain/settlement/hold.ts';
import { vector } from '../../support/vector.ts';
import { zoneOf } from '../../support/zone.ts';

const berlin = zoneOf('Europe/Berlin');
const utc = zoneOf('UTC');
const iso = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');
const contract = (
  period: string,
  start: string,
  more: Partial<ContractCalendar> & { lockAfter?: string; payAfter?: string } = {},
): ContractCalendar => ({
  calendar: { period, lockAfter: more.lockAfter ?? 'P27D', payAfter: more.payAfter ?? 'P20D' },
  zone: more.zone ?? utc,
  startMs: Date.parse(start),
  endMs: more.endMs ?? null,
});

/** Walks the windows as they are written, one after the other, to the one that holds an instant. */
function holderOf(calendar: ContractCalendar, atMs: number) {
  let window = windowFrom(calendar, calendar.startMs);
  let no = 1;
  for (; atMs >= window.toMs; no += 1) window = windowFrom(calendar, window.toMs);
  return { no, window };
}

describe('windows of a calendar', () => {
  it.each(['2-calendar-lock', '3-net-45'])('locks, states and pays January as %s does', (id) => {
    const { lockAfter, payAfter, expected } = vector('settlement', id);
    const monthly = contract('monthly', '2026-01-01T00:00:00Z', {
      lockAfter: `P${lockAfter.days}D`,
      payAfter: `P${payAfter.days}D`,
    });
    const window = windowFrom(monthly, monthly.startMs);
    expect(iso(window.toMs)).toBe('2026-02-01T00:00:00Z');
    expect(iso(window.locksAtMs)).toBe(`${expected.lockedFrom}:00Z`);
    expect(utc.localDate(window.statementAtMs)).toBe(expected.statement);
    expect(utc.localDate(window.paysAtMs)).toBe(expected.paid ?? expected.due);
  });

  it('keeps the end of a month sticky', () => {
    const monthly = contract('monthly', '2026-02-01T00:00:00Z', { lockAfter: 'P1M' });
    expect(iso(windowFrom(monthly, monthly.startMs).locksAtMs)).toBe('2026-04-01T00:00:00Z');
  });

  it('pays a sale of 30 January with a hold of 60 days on 20 April', () => {
    const monthly = contract('monthly', '2026-01-01T00:00:00Z');
    const window = windowFrom(monthly, monthly.startMs);
    const held = payAfterHold(monthly, window, holdEndsMs('2026-01-30T10:00:00Z', 'P60D'));
    expect([held.statementAtMs, held.paysAtMs].map(utc.localDate)).toEqual(['2026-04-01', '2026-04-20']);
    expect(payAfterHold(monthly, window, 0)).toEqual({
      statementAtMs: window.statementAtMs,
      paysAtMs: window.paysAtMs,
    });
  });

  it('closes the last window with the contract and locks it as usual', () => {
    const monthly = contract('monthly', '2026-01-01T00:00:00Z', { endMs: Date.parse('2026-03-15T18:00:00Z') });
    const { no, window } = holderOf(monthly, Date.parse('2026-03-10T00:00:00Z'));
    expect([no, iso(window.fromMs), iso(window.toMs), iso(window.locksAtMs)]).toEqual([
      3,
      '2026-03-01T00:00:00Z',
      '2026-03-15T18:00:00Z',
      '2026-04-28T00:00:00Z',
    ]);
  });

  it('counts biweekly from the first Monday, by local midnights, over the change of clocks', () => {
    const biweekly = contract('biweekly', '2026-03-15T23:00:00Z', { zone: berlin });
    const first = windowFrom(biweekly, biweekly.startMs);
    expect((first.toMs - first.fromMs) / 3_600_000).toBe(335);
    expect(holderOf(biweekly, Date.parse('2026-03-29T22:30:00Z')).no).toBe(2);
    expect(holderOf(biweekly, Date.parse('2026-03-29T21:59:59Z')).no).toBe(1);
  });

  it.each([
    ['biweekly', '2026-03-18T12:00:00Z', ['2026-03-23', '2026-04-06', '2026-04-20']],
    ['weekly', '2026-03-18T12:00:00Z', ['2026-03-23', '2026-03-30', '2026-04-06']],
    ['monthly', '2026-01-31T12:00:00Z', ['2026-02-01', '2026-03-01', '2026-04-01']],
    ['semi-monthly', '2026-02-03T12:00:00Z', ['2026-02-16', '2026-03-01', '2026-03-16']],
    ['semi-monthly', '2026-02-15T12:00:00Z', ['2026-02-16', '2026-03-01', '2026-03-16']],
    ['P3M', '2026-02-03T12:00:00Z', ['2026-05-01', '2026-08-01', '2026-11-01']],
    ['P10D', '2026-02-03T12:00:00Z', ['2026-02-13', '2026-02-23', '2026-03-05']],
  ])('cuts %s from %s at %j', (period, start, boundaries) => {
    const calendar = contract(period, start, { zone: berlin });
    let from = calendar.startMs;
    const found = boundaries.map(() => {
      from = windowFrom(calendar, from).toMs;
      return berlin.localDate(from);
    });
    expect(found).toEqual(boundaries);
  });

  it('locks weeks from their own last day', () => {
    const weekly = contract('weekly', '2026-03-16T00:00:00Z', { lockAfter: 'P7D', payAfter: 'P3D' });
    const window = windowFrom(weekly, weekly.startMs);
    expect([window.toMs, window.locksAtMs, window.statementAtMs, window.paysAtMs].map(iso)).toEqual([
      '2026-03-23T00:00:00Z',
      '2026-03-30T00:00:00Z',
      '2026-03-30T00:00:00Z',
      '2026-04-01T00:00:00Z',
    ]);
  });

  it('knows no days where a period has a time part', () => {
    const fast = contract('PT60S', '2026-03-16T00:00:30Z', { lockAfter: 'PT15S', payAfter: 'PT5S', zone: berlin });
    const { no, window } = holderOf(fast, fast.startMs + 60_000);
    expect(no).toBe(2);
    expect(
      [window.toMs, window.locksAtMs, window.statementAtMs, window.paysAtMs].map((ms) => ms - fast.startMs),
    ).toEqual([120_000, 135_000, 135_000, 140_000]);
  });

  it('cuts time without gap or overlap, in any zone and period', () => {
    const zones = fc.constantFrom(
      'Europe/Berlin',
      'America/New_York',
      'Asia/Tokyo',
      'Pacific/Apia',
      'America/Sao_Paulo',
      'Africa/Cairo',
    );
    const periods = fc.constantFrom('monthly', 'semi-monthly', 'weekly', 'biweekly', 'P2M', 'P9D', 'PT6H');
    fc.assert(
      fc.property(zones, periods, fc.integer({ min: 1_300_000_000, max: 1_900_000_000 }), (name, period, seconds) => {
        const startMs = seconds * 1_000;
        const calendar: ContractCalendar = {
          calendar: { period, lockAfter: period === 'PT6H' ? 'PT1H' : 'P3D', payAfter: 'P2D' },
          zone: zoneOf(name),
          startMs,
        };
        let from = startMs;
        for (let no = 1; no <= 8; no += 1) {
          const window = windowFrom(calendar, from);
          expect(window.toMs).toBeGreaterThan(window.fromMs);
          expect(window.locksAtMs).toBeGreaterThanOrEqual(window.toMs);
          expect(window.statementAtMs).toBeGreaterThanOrEqual(window.locksAtMs);
          expect(window.paysAtMs).toBeGreaterThanOrEqual(window.statementAtMs);
          expect(window.fromMs).toBe(from);
          from = window.toMs;
        }
      }),
      { numRuns: 60 },
    );
  });
});
