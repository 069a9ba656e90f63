import type { TouchpointFact } from '../queries/journey-facts.ts';
import { readLateEvidence } from '../queries/late-evidence.ts';
import type { Tx } from '../transaction.ts';
import { compareInstants } from '../../domain/time/instant.ts';
import { loadCreditFacts } from './credit-facts.ts';
import { isBefore } from './evidence-limit.ts';
import type { BatchFacts, Reading } from './credit-facts.ts';

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
  const lost = counting.filter(({ id }) => !known.has(id)).map(unmerged);
  const late: LateTouchpoint[] = all
    .filter(({ id }) => !counted.has(id))
    .map((touchpoint) => withReason(touchpoint, limit));
  return [...late, ...lost].sort((a, b) => compareInstants(a.occurredAt, b.occurredAt));
}

function unmerged(touchpoint: TouchpointFact): LateTouchpoint {
  return { ...touchpoint, reason: 'unmerged-late' };
}

function withReason(touchpoint: TouchpointFact, limit: string): LateTouchpoint {
  return { ...touchpoint, reason: isBefore(touchpoint.receivedAt, limit) ? 'merged-late' : 'received-late' };
}

/** Late touchpoints of one conversion, oldest first, and how many there are beyond those. */
export interface LateTouchpoints {
  touchpoints: LateTouchpoint[];
  more: number;
}

/**
 * The late touchpoints of a batch, by the id of the conversion. Of a person with too many for the memory of a batch the newest `listed` are read;
 * with 0 such a person is not looked at.
 * @param facts what counts, read under the same `reading`
 */
export async function readLateTouchpoints(
  tx: Tx,
  facts: BatchFacts,
  reading: Reading,
  { listed }: { listed: number },
): Promise<Map<string, LateTouchpoints>> {
  const ids = facts.conversions.map(({ id }) => id);
  const all = await loadCreditFacts(tx, ids, { ...reading, horizon: 'infinity', isEvidenceUnlimited: true });
  const late = new Map<string, LateTouchpoints>();
  for (const scope of facts.scopes) {
    const { conversionId: id, before } = scope;
    const counting = facts.journeys.get(id) ?? [];
    const leftInAll = all.left.get(id);
    if (leftInAll === undefined && !facts.left.has(id))
      late.set(id, { touchpoints: lateTouchpoints(counting, all.journeys.get(id) ?? [], before), more: 0 });
    else if (listed === 0) late.set(id, { touchpoints: [], more: 0 });
    else {
      const { touchpoints, count } = await readLateEvidence(tx, scope, reading.horizon, listed);
      const reasoned = touchpoints.map(({ isLost, ...touchpoint }) =>
        isLost ? unmerged(touchpoint) : withReason(touchpoint, before),
      );
      late.set(id, { touchpoints: reasoned, more: count - reasoned.length });
    }
  }
  return late;
}
