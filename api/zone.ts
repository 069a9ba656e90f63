import { DateTime } from 'luxon';
import type { Zone } from '../domain/settlement/zone.ts';

/** The clock of a place by its IANA name, for dates that are shown. */
export function zoneOf(name: string): Zone {
  return {
    startOfDay: (date) => DateTime.fromISO(date, { zone: name }).startOf('day').toMillis(),
    localDate: (epochMs) => DateTime.fromMillis(epochMs, { zone: name }).toISODate() ?? '1970-01-01',
  };
}
