import { invalid } from '../errors.ts';
import { hasTimePart, parseDuration } from '../time/duration.ts';
import { addDays, addMonths, daysBetween, firstOfNextMonth, weekday } from '../time/local-date.ts';
import type { LocalDate } from '../time/local-date.ts';

/**
 * How a contract's time is cut. `isMonthBased` periods lock and pay by month ends; `exact` ones (`PT…`, outside production only)
 * know no days at all.
 */
export type Period =
  | { kind: 'exact'; ms: number }
  | { kind: 'dated'; isMonthBased: boolean; nextBoundary(after: LocalDate, contractStart: LocalDate): LocalDate };

/**
 * The period that a calendar names.
 * @throws DomainError `invalid` when it is none
 */
export function periodOf(text: string): Period {
  switch (text) {
    case 'monthly':
      return { kind: 'dated', isMonthBased: true, nextBoundary: firstOfNextMonth };
    case 'semi-monthly':
      return { kind: 'dated', isMonthBased: true, nextBoundary: nextHalf };
    case 'weekly':
      return { kind: 'dated', isMonthBased: false, nextBoundary: nextMonday };
    case 'biweekly':
      return { kind: 'dated', isMonthBased: false, nextBoundary: nextOtherMonday };
    default:
      return ofDuration(text);
  }
}

function ofDuration(text: string): Period {
  const duration = parseDuration(text, 'calendar.period');
  if (hasTimePart(duration)) return { kind: 'exact', ms: duration.days * 86_400_000 + duration.ms };
  const { months, days } = duration;
  if (months > 0 === days > 0) throw invalid('calendar.period', `"${text}" is neither months nor days.`);
  return months > 0
    ? { kind: 'dated', isMonthBased: true, nextBoundary: (after, start) => nextMonths(after, start, months) }
    : { kind: 'dated', isMonthBased: false, nextBoundary: (after, start) => nextDays(after, start, days) };
}

function nextHalf(after: LocalDate): LocalDate {
  return after.slice(8) < '16' ? `${after.slice(0, 8)}16` : firstOfNextMonth(after);
}

function nextMonday(after: LocalDate): LocalDate {
  return addDays(after, 8 - weekday(after));
}

/** Every other Monday, counted from the contract's first. */
function nextOtherMonday(after: LocalDate, contractStart: LocalDate): LocalDate {
  const first = addDays(contractStart, (8 - weekday(contractStart)) % 7);
  return nextDays(after, first, 14);
}

/** Blocks of whole calendar months, counted from the contract's first month. */
function nextMonths(after: LocalDate, contractStart: LocalDate, months: number): LocalDate {
  const first = `${contractStart.slice(0, 8)}01`;
  let boundary = addMonths(first, months);
  while (boundary <= after) boundary = addMonths(boundary, months);
  return boundary;
}

function nextDays(after: LocalDate, first: LocalDate, days: number): LocalDate {
  return addDays(first, (Math.floor(daysBetween(first, after) / days) + 1) * days);
}
