import type { Calendar } from '../contract/terms.ts';
import { durationMs, parseDuration } from '../time/duration.ts';
import { addDays, addMonths, endOfMonth, firstOfNextMonth } from '../time/local-date.ts';
import type { LocalDate } from '../time/local-date.ts';
import { periodOf } from './period.ts';
import type { Zone } from './zone.ts';

/** One attribution window and the instants that follow from it, all epoch ms; `toMs` is exclusive. */
export interface WindowSchedule {
  fromMs: number;
  toMs: number;
  /** From here on nothing that is received belongs to this window. */
  locksAtMs: number;
  /** When its statement is drawn, and when it is paid, unless a hold lasts longer. */
  statementAtMs: number;
  paysAtMs: number;
}

/** The calendar of one partner's contract, in their zone. */
export interface ContractCalendar {
  calendar: Calendar;
  zone: Zone;
  /** When the contract came into force, epoch ms. */
  startMs: number;
  /** When it ended, epoch ms; the last window may be short. */
  endMs?: number | null;
}

/**
 * The window that begins at `fromMs` (the contract's start, or the end of the window before), with its lock, statement and pay
 * dates (settlement.md §2). Local midnights decide; first and last windows may be short.
 */
export function windowFrom(contract: ContractCalendar, fromMs: number): WindowSchedule {
  const boundary = nextBoundary(contract, fromMs);
  const toMs = contract.endMs != null && contract.endMs < boundary ? Math.max(contract.endMs, fromMs) : boundary;
  const locksAtMs = lockOf(contract, toMs);
  const { statementAtMs, paysAtMs } = payAfter(contract, locksAtMs);
  return { fromMs, toMs, locksAtMs, statementAtMs, paysAtMs };
}

/**
 * When money that is held until `holdEndsMs` (exclusive) is stated and paid: by the first statement after both the lock and the
 * hold are over.
 */
export function payAfterHold(
  contract: ContractCalendar,
  window: WindowSchedule,
  holdEndsMs: number,
): { statementAtMs: number; paysAtMs: number } {
  return payAfter(contract, Math.max(window.locksAtMs, holdEndsMs));
}

function nextBoundary({ calendar, zone, startMs }: ContractCalendar, afterMs: number): number {
  const period = periodOf(calendar.period);
  if (period.kind === 'exact') return startMs + (Math.floor((afterMs - startMs) / period.ms) + 1) * period.ms;
  return zone.startOfDay(period.nextBoundary(zone.localDate(afterMs), zone.localDate(startMs)));
}

/** Month-based periods count from the month end, others from the window's last day; the lock is at the end of that day. */
function lockOf({ calendar, zone }: ContractCalendar, toMs: number): number {
  const period = periodOf(calendar.period);
  if (period.kind === 'exact') return toMs + durationMs(calendar.lockAfter, 'calendar.lockAfter');
  const lastDay = zone.localDate(toMs - 1);
  const base = period.isMonthBased ? endOfMonth(lastDay) : lastDay;
  return zone.startOfDay(addDays(later(base, calendar.lockAfter, period.isMonthBased), 1));
}

/** `freeMs` is the instant from which the money is free: the lock, or the end of a later hold. */
function payAfter({ calendar, zone }: ContractCalendar, freeMs: number): { statementAtMs: number; paysAtMs: number } {
  const period = periodOf(calendar.period);
  if (period.kind === 'exact') {
    return { statementAtMs: freeMs, paysAtMs: freeMs + durationMs(calendar.payAfter, 'calendar.payAfter') };
  }
  const freeDay = zone.localDate(freeMs - 1);
  const statementAtMs = period.isMonthBased ? zone.startOfDay(firstOfNextMonth(freeDay)) : freeMs;
  const base = period.isMonthBased ? endOfMonth(freeDay) : freeDay;
  const payDay = zone.startOfDay(later(base, calendar.payAfter, period.isMonthBased));
  return { statementAtMs, paysAtMs: Math.max(payDay, statementAtMs) };
}

/** A day later by months, then days. The end of a month is sticky where months are the measure: 28 February + 1 month = 31 March. */
function later(day: LocalDate, text: string, isMonthBased: boolean): LocalDate {
  const { months, days } = parseDuration(text);
  return addDays(addMonths(day, months, { sticky: isMonthBased }), days);
}
