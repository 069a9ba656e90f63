import { invalid } from '../errors.ts';

/** A day of a local calendar as `YYYY-MM-DD`. Arithmetic on it knows no clock and no zone. */
export type LocalDate = string;

interface YearMonthDay {
  year: number;
  month: number;
  day: number;
}

/** @throws DomainError `invalid` when the text names no day of the calendar */
export function parseLocalDate(text: LocalDate): YearMonthDay {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const parts = { year: Number(match?.[1]), month: Number(match?.[2]), day: Number(match?.[3]) };
  if (!match || parts.month < 1 || parts.month > 12 || parts.day < 1 || parts.day > daysInMonth(parts)) {
    throw invalid('date', `"${text}" is not a day such as 2026-01-31.`);
  }
  return parts;
}

export function formatLocalDate({ year, month, day }: YearMonthDay): LocalDate {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

export function addDays(date: LocalDate, days: number): LocalDate {
  return fromDayNumber(dayNumber(date) + days);
}

/** Days between two local dates; negative when `to` is earlier. */
export function daysBetween(from: LocalDate, to: LocalDate): number {
  return dayNumber(to) - dayNumber(from);
}

/**
 * Adds whole months. A day that the target month does not have becomes its last; with `sticky`, the end of a month stays the end
 * of a month: 28 February + 1 month = 31 March (settlement.md §2).
 */
export function addMonths(date: LocalDate, months: number, { sticky = false } = {}): LocalDate {
  const parts = parseLocalDate(date);
  const index = parts.year * 12 + (parts.month - 1) + months;
  const target = { year: Math.floor(index / 12), month: (index % 12) + 1 };
  const last = daysInMonth(target);
  const isEnd = sticky && parts.day === daysInMonth(parts);
  return formatLocalDate({ ...target, day: isEnd ? last : Math.min(parts.day, last) });
}

export function endOfMonth(date: LocalDate): LocalDate {
  const parts = parseLocalDate(date);
  return formatLocalDate({ ...parts, day: daysInMonth(parts) });
}

/** The first of the month after the one of `date`. */
export function firstOfNextMonth(date: LocalDate): LocalDate {
  return addDays(endOfMonth(date), 1);
}

/** 1 for Monday to 7 for Sunday. */
export function weekday(date: LocalDate): number {
  // 1970-01-01 was a Thursday.
  return ((((dayNumber(date) + 3) % 7) + 7) % 7) + 1;
}

function daysInMonth({ year, month }: Omit<YearMonthDay, 'day'>): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function dayNumber(date: LocalDate): number {
  const { year, month, day } = parseLocalDate(date);
  return Date.UTC(year, month - 1, day) / 86_400_000;
}

function fromDayNumber(days: number): LocalDate {
  return new Date(days * 86_400_000).toISOString().slice(0, 10);
}
