import { formatDuration } from '../time/duration.ts';

/** How far long work has come. `rate` per second; `timeLeft` ISO 8601 in whole seconds; both null while there is nothing to tell from. */
export interface Progress {
  done: number;
  total: number | null;
  rate: number | null;
  timeLeft: string | null;
}

/**
 * Progress by the mean rate since the work began.
 * @param elapsedMs since it began; null when it has not, or is over
 */
export function progressOf(done: number, total: number | null, elapsedMs: number | null): Progress {
  const rate = elapsedMs === null || elapsedMs <= 0 || done <= 0 ? null : (done * 1_000) / elapsedMs;
  const left = total === null ? null : Math.max(0, total - done);
  const seconds = rate === null || left === null ? null : Math.ceil(left / rate);
  return {
    done: total === null ? done : Math.min(done, total),
    total,
    rate,
    timeLeft: seconds === null ? null : formatDuration({ months: 0, days: 0, ms: seconds * 1_000 }),
  };
}
