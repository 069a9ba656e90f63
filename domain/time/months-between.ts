import { addMonths } from './local-date.ts';
import { epochMicros } from './instant.ts';

/**
 * Whole calendar months from one instant to a later one, in UTC; 0 when `to` is not later. 31 January to 28 February is one month,
 * because the end of a shorter month stands for the day that it does not have.
 */
export function wholeMonthsBetween(from: string, to: string): number {
  const start = epochMicros(from);
  const end = epochMicros(to);
  if (end <= start) return 0;
  const startDate = utcDate(start);
  const timeOfDay = start - epochMicros(`${startDate}T00:00:00Z`);
  const endDate = utcDate(end);
  let months = monthIndex(endDate) - monthIndex(startDate);
  if (epochMicros(`${addMonths(startDate, months)}T00:00:00Z`) + timeOfDay > end) months -= 1;
  return months;
}

function utcDate(micros: number): string {
  return new Date(Math.floor(micros / 1_000)).toISOString().slice(0, 10);
}

function monthIndex(date: string): number {
  return Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7));
}
