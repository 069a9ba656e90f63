import type { Zone } from '../settlement/zone.ts';
import { durationMs, hasTimePart, parseDuration } from '../time/duration.ts';
import { compareInstants, epochMs, isoInstant } from '../time/instant.ts';
import { addDays, addMonths } from '../time/local-date.ts';
import { contractInForce, inForceFrom } from './in-force.ts';
import type { ContractVersion } from './in-force.ts';

/**
 * When a contract expires by its terms, or null when it goes on. The version that is in force when its own time is over decides: an
 * amendment from then on or before moves the end, one from a later day comes too late. Terms that are over before they hold end it
 * when they begin.
 * @param versions those that came or will come into force; at least one
 * @param zone of the partner when the contract began
 */
export function contractExpiry(versions: readonly ContractVersion[], zone: Zone): string | null {
  const changes = versions.map(inForceFrom).sort(compareInstants);
  const [startAt] = changes;
  for (const [index, from] of changes.entries()) {
    const { expires } = contractInForce({ versions, endedAt: null }, from)!.terms;
    if (expires === undefined) continue;
    const over = expiryOf(expires, startAt!, zone);
    const at = compareInstants(over, from) < 0 ? from : over;
    const next = changes[index + 1];
    if (next === undefined || compareInstants(at, next) < 0) return at;
  }
  return null;
}

/** The instant at which a term that began at `startAt` is over: the end of its last local day, or exactly where it has a time part. */
function expiryOf(expires: string, startAt: string, zone: Zone): string {
  const duration = parseDuration(expires, 'expires');
  const startMs = epochMs(startAt);
  if (hasTimePart(duration)) return isoInstant(startMs + durationMs(expires, 'expires'));
  const lastDay = addDays(addMonths(zone.localDate(startMs), duration.months), duration.days);
  return isoInstant(zone.startOfDay(addDays(lastDay, 1)));
}
