import { invalid } from '../errors.ts';
import { epochMs, isoInstant } from './instant.ts';

/** What is agreed on today begins within them; an instant behind is a slip of the pen such as 2062 for 2026, and would be waited for. */
const MOST_YEARS_AHEAD = 10;

/**
 * For commands alone: what was stored before the rule is read as it stands.
 * @param now when it was asked for
 * @throws DomainError `invalid` naming `path` when the instant lies too far ahead to be meant
 */
export function assertNotFarAhead(at: string, now: string, path: string): void {
  const latest = new Date(epochMs(now));
  latest.setUTCFullYear(latest.getUTCFullYear() + MOST_YEARS_AHEAD);
  if (epochMs(at) <= latest.getTime()) return;
  throw invalid(
    path,
    `Give an instant of the next ${MOST_YEARS_AHEAD} years, until ${isoInstant(latest.getTime()).slice(0, 10)}.`,
  );
}
