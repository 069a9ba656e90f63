import type { TouchpointFact } from '../queries/conversion-facts.ts';
import { compareInstants } from '../../domain/time/instant.ts';
import { isBefore } from './credit-facts.ts';

/**
 * Why evidence counts in the next re-evaluation only: the touchpoint came after the lock, or it was there and a merge that came after the lock
 * found it to be of the same person. And why evidence counts until then only: the merge that found it was taken back after the lock.
 */
export const LATE_REASONS = ['received-late', 'merged-late', 'unmerged-late'] as const;
export type LateReason = (typeof LATE_REASONS)[number];

export type LateTouchpoint = TouchpointFact & { reason: LateReason };

/**
 * What all evidence has and the evidence that counts has not, and the other way round; in order of its time.
 * @param limit what was received before it counts
 */
export function lateTouchpoints(
  counting: readonly TouchpointFact[],
  all: readonly TouchpointFact[],
  limit: string,
): LateTouchpoint[] {
  const counted = new Set(counting.map(({ id }) => id));
  const known = new Set(all.map(({ id }) => id));
  const unmerged = counting
    .filter(({ id }) => !known.has(id))
    .map((touchpoint) => ({ ...touchpoint, reason: 'unmerged-late' as const }));
  const late: LateTouchpoint[] = all
    .filter(({ id }) => !counted.has(id))
    .map((touchpoint) => ({
      ...touchpoint,
      reason: isBefore(touchpoint.receivedAt, limit) ? ('merged-late' as const) : ('received-late' as const),
    }));
  return [...late, ...unmerged].sort((a, b) => compareInstants(a.occurredAt, b.occurredAt));
}
