import { invalid } from '../errors.ts';

/**
 * An ISO 8601 duration in the three parts that must not be mixed: calendar months, calendar days, and exact milliseconds.
 * Years are twelve months, weeks are seven days.
 */
export interface Duration {
  months: number;
  days: number;
  ms: number;
}

export const DAY_MS = 86_400_000;
const LONGEST_MONTHS = 1_200;
const LONGEST_MS = 36_600 * DAY_MS;

const PATTERN =
  /^P(?=[\dT])(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,10})(?:\.(\d{1,3}))?S)?)?$/;

/**
 * Reads an ISO 8601 duration such as `P30D`, `P1M15D`, `PT72H`, `PT0.5S`; at most a hundred years, never negative.
 * @throws DomainError `invalid` naming `path`
 */
export function parseDuration(text: string, path = 'duration'): Duration {
  const duration = readDuration(text);
  if (!duration) throw invalid(path, `"${text}" is not an ISO 8601 duration such as P30D or PT72H.`);
  return duration;
}

/** The duration that `text` says, or null where it says none. Never throws. */
export function readDuration(text: string): Duration | null {
  const match = PATTERN.exec(text);
  if (!match) return null;
  const part = (index: number) => Number(match[index] ?? 0);
  const fraction = Number((match[8] ?? '0').padEnd(3, '0'));
  const duration: Duration = {
    months: part(1) * 12 + part(2),
    days: part(3) * 7 + part(4),
    ms: part(5) * 3_600_000 + part(6) * 60_000 + part(7) * 1_000 + fraction,
  };
  if (duration.months > LONGEST_MONTHS || duration.days * DAY_MS + duration.ms > LONGEST_MS) return null;
  return duration;
}

/**
 * Milliseconds of a duration whose days are 24 hours: lookbacks, gates, holds.
 * @throws DomainError `invalid` when it holds months or years, whose length no one can say without a calendar
 */
export function durationMs(text: string, path = 'duration'): number {
  const duration = parseDuration(text, path);
  if (duration.months > 0) throw invalid(path, `"${text}" holds months or years; give days or hours instead.`);
  return duration.days * DAY_MS + duration.ms;
}

/** Whether a duration has a time part (`PT…`): such periods know no day rounding. */
export function hasTimePart(duration: Duration): boolean {
  return duration.ms > 0;
}

/** Writes a duration in the shortest ISO 8601 form; the zero duration is `PT0S`. */
export function formatDuration({ months, days, ms }: Duration): string {
  const years = Math.floor(months / 12);
  const date = [years && `${years}Y`, months % 12 && `${months % 12}M`, days && `${days}D`].filter(Boolean).join('');
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = (ms % 60_000) / 1_000;
  const time = [hours && `${hours}H`, minutes && `${minutes}M`, seconds && `${seconds}S`].filter(Boolean).join('');
  return date || time ? `P${date}${time ? `T${time}` : ''}` : 'PT0S';
}
