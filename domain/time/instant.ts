import { invalid } from '../errors.ts';

const PATTERN = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}(?::?\d{2})?)$/;

/**
 * Microseconds since 1970 of an RFC 3339 instant. An integer below 2^53, so it compares exactly with what PostgreSQL stores;
 * a JavaScript `Date` would lose the microseconds that decide before and after. Digits beyond the sixth are cut off.
 * @throws DomainError `invalid` naming `path`
 */
export function epochMicros(text: string, path = 'instant'): number {
  const match = PATTERN.exec(text);
  if (!match) throw invalid(path, `"${text}" is not an RFC 3339 instant such as 2026-01-31T12:00:00Z.`);
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match;
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const date = new Date(local);
  // Date.UTC carries over silently: 31 February would become 3 March.
  if (date.getUTCMonth() + 1 !== Number(month) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    throw invalid(path, `"${text}" names a day or time that does not exist.`);
  }
  return (local - zoneOffsetMs(zone)) * 1_000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
}

function zoneOffsetMs(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  const digits = zone.slice(1).replace(':', '');
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2, 4) || 0)) * 60_000;
}

/** Whether `text` is an instant; never throws. */
export function isInstant(text: string): boolean {
  try {
    epochMicros(text);
    return true;
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
