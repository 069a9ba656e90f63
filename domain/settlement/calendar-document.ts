import { join } from '../json/reader.ts';
import type { JsonReader } from '../json/reader.ts';
import { readDuration } from '../time/duration.ts';

export const NAMED_PERIODS = ['monthly', 'semi-monthly', 'weekly', 'biweekly'] as const;

export interface CalendarChecks {
  /** Periods with a time part (`PT…`) are for demos and tests; production refuses them. Default true: allowed. */
  allowShortPeriods?: boolean;
}

/** Notes the faults of a calendar `{ period, lockAfter, payAfter }` (settlement.md §2). */
export function checkCalendar(reader: JsonReader, value: unknown, path: string, checks: CalendarChecks = {}): void {
  const calendar = reader.object(value, path, ['period', 'lockAfter', 'payAfter']);
  if (!calendar) return;
  checkPeriod(reader, calendar.period, join(path, 'period'), checks);
  const isExact = typeof calendar.period === 'string' && (readDuration(calendar.period)?.ms ?? 0) > 0;
  for (const field of ['lockAfter', 'payAfter'] as const) {
    const text = reader.duration(calendar[field], join(path, field), isExact);
    // The day of a lock or payment decides, so hours would say nothing.
    if (text && !isExact && readDuration(text)!.ms > 0) reader.fault(join(path, field), 'Give months or days.');
  }
}

function checkPeriod(reader: JsonReader, value: unknown, path: string, checks: CalendarChecks): void {
  if (NAMED_PERIODS.includes(value as never)) return;
  const period = typeof value === 'string' ? readDuration(value) : null;
  if (!period) {
    reader.fault(path, `Give one of ${NAMED_PERIODS.join(', ')}, or an ISO 8601 duration.`);
  } else if (period.months + period.days + period.ms === 0) {
    reader.fault(path, 'Give a period that is longer than nothing.');
  } else if (period.ms > 0 && (period.months > 0 || period.days > 0)) {
    reader.fault(path, 'Give either months and days, or a time part, not both.');
  } else if (period.months > 0 && period.days > 0) {
    reader.fault(path, 'Give either months or days, not both.');
  } else if (period.ms > 0 && period.ms < 1_000) {
    reader.fault(path, 'Give at least one second.');
  } else if (period.ms > 0 && checks.allowShortPeriods === false) {
    reader.fault(path, 'A period with a time part is not allowed in production.');
  }
}
