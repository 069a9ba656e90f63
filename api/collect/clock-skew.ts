const MINUTE_MS = 60_000;

/** Events of a browser are no older than this: it keeps them a day and then forgets them. */
const LONGEST_AGE_MS = 25 * 60 * MINUTE_MS;

/** How far a browser's clock is ahead (negative: behind), in whole minutes, so that the same event sent twice gets the same time. */
export function clockSkewMs(sentAt: string, nowMs: number): number {
  return Math.round((Date.parse(sentAt) - nowMs) / MINUTE_MS) * MINUTE_MS;
}

/**
 * When an event happened on our clock.
 * @returns RFC 3339; null for one that is older than a browser keeps them: the past must not be written by anybody's browser
 */
export function correctedInstant(occurredAt: string, skewMs: number, nowMs: number): string | null {
  const at = Date.parse(occurredAt) - skewMs;
  return nowMs - at > LONGEST_AGE_MS ? null : new Date(at).toISOString();
}
