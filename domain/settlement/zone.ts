import type { LocalDate } from '../time/local-date.ts';

/** A time zone, handed in by the caller: the rules know calendars, not the tables of the world's clocks. */
export interface Zone {
  /** The first instant of a local day, epoch ms; where midnight is skipped, the first instant after it. */
  startOfDay(date: LocalDate): number;
  /** The local day that an instant lies in. */
  localDate(epochMs: number): LocalDate;
}
