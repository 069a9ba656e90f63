import { invalid } from '../errors.ts';

/** Years of the instants that people and other systems may give: before 1900 nobody sold anything here, and texts of four digits compare as instants. */
const [FIRST_YEAR, LAST_YEAR] = [1900, 9999];
const EARLIEST_MS = Date.UTC(FIRST_YEAR, 0);
const TOO_LATE_MS = Date.UTC(LAST_YEAR + 1, 0);
/** PostgreSQL reads no offset of sixteen hours or more. */
const MOST_OFFSET_MS = 16 * 3_600_000;
const MS_OF_400_YEARS = 146_097 * 86_400_000;
/** What to say of an instant that lies elsewhere. */
export const OTHER_YEARS = `Give an instant of the years ${FIRST_YEAR} to ${LAST_YEAR} in UTC.`;

const PATTERN = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}(?::?\d{2})?)$/;

/**
 * Microseconds since 1970 of an RFC 3339 instant. An integer below 2^53, so it compares exactly with what PostgreSQL stores;
 * a JavaScript `Date` would lose the microseconds that decide before and after. Digits beyond the sixth are cut off.
 * @throws DomainError `invalid` naming `path`
 */
export function epochMicros(text: string, path = 'instant'): number {
  const match = matchOf(text, path);
  const fraction = match[7] ?? '';
  return wholeSecondsMs(match, path) * 1_000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
}

function matchOf(text: string, path: string): RegExpExecArray {
  const match = PATTERN.exec(text);
  if (!match) throw invalid(path, `"${text}" is not an RFC 3339 instant such as 2026-01-31T12:00:00Z.`);
  return match;
}

/** Milliseconds since 1970 of what was matched, without its fraction. */
function wholeSecondsMs([text, year, month, day, hour, minute, second, , zone]: RegExpExecArray, path: string): number {
  // Date.UTC takes the years 0 to 99 for those of the last century; 400 years later the calendar is the same.
  const local =
    Date.UTC(Number(year) + 400, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) -
    MS_OF_400_YEARS;
  const date = new Date(local);
  // Date.UTC carries over silently: 31 February would become 3 March.
  if (date.getUTCMonth() + 1 !== Number(month) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    throw invalid(path, `"${text}" names a day or time that does not exist.`);
  }
  return local - zoneOffsetMs(zone!);
}

function zoneOffsetMs(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  const digits = zone.slice(1).replace(':', '');
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2, 4) || 0)) * 60_000;
}

/** Whether an instant, milliseconds since 1970, is one that may be given; false for NaN. */
export function isInYears(ms: number): boolean {
  return ms >= EARLIEST_MS && ms < TOO_LATE_MS;
}

/** Whether `text` is an instant that may be given, and that PostgreSQL and `Date` read as well; never throws. */
export function isInstant(text: string): boolean {
  try {
    const match = matchOf(text, '');
    const isOffset = Math.abs(zoneOffsetMs(match[8]!)) < MOST_OFFSET_MS && !Number.isNaN(Date.parse(text));
    return isOffset && isInYears(wholeSecondsMs(match, ''));
  } catch {
    return false;
  }
}

/** Milliseconds since 1970, cut to whole milliseconds. @throws DomainError `invalid` */
export function epochMs(text: string, path = 'instant'): number {
  return Math.floor(epochMicros(text, path) / 1_000);
}

/** The instant as ISO 8601 in UTC with milliseconds, as all payloads carry it. */
export function isoInstant(ms: number): string {
  return new Date(ms).toISOString();
}

/** The instant of whole microseconds since 1970, in UTC with all six digits: the way back from `epochMicros`. */
export function instantOfMicros(micros: number): string {
  const ms = Math.floor(micros / 1_000);
  const digits = String(micros - ms * 1_000).padStart(3, '0');
  return isoInstant(ms).replace('Z', `${digits}Z`);
}

/** Negative, zero or positive as `a` is before, at or after `b`, to the microsecond. */
export function compareInstants(a: string, b: string): number {
  return epochMicros(a) - epochMicros(b);
}
