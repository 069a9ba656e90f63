import { recordRedirects } from '../db/intake/redirect.ts';
import type { RecordedClick, RedirectClick } from '../db/intake/redirect.ts';
import type { Pool } from '../db/pool.ts';

/** Clicks of one transaction at most: an intake holds few rows and waits for nothing else. */
const MOST_CLICKS = 500;

interface Waiting {
  click: RedirectClick;
  resolve(recorded: RecordedClick): void;
  reject(error: unknown): void;
}

interface Batch {
  waiting: Waiting[];
  isStoring: boolean;
}

const batches = new WeakMap<Pool, Map<string, Batch>>();

/**
 * Stores a click together with those that come while the transaction before is at work, and answers once it is committed:
 * a single click waits for nobody, a thousand share one commit, and none is answered that could be lost.
 */
export function recordClick(pool: Pool, programId: string, click: RedirectClick): Promise<RecordedClick> {
  const ofPool = batches.get(pool) ?? new Map<string, Batch>();
  batches.set(pool, ofPool);
  const batch = ofPool.get(programId) ?? { waiting: [], isStoring: false };
  ofPool.set(programId, batch);
  return new Promise((resolve, reject) => {
    batch.waiting.push({ click, resolve, reject });
    void store(pool, programId, batch);
  });
}

async function store(pool: Pool, programId: string, batch: Batch): Promise<void> {
  if (batch.isStoring) return;
  batch.isStoring = true;
  while (batch.waiting.length > 0) {
    const taken = batch.waiting.splice(0, MOST_CLICKS);
    try {
      const recorded = await recordRedirects(
        pool,
        programId,
        taken.map(({ click }) => click),
      );
      taken.forEach(({ resolve }, index) => resolve(recorded[index]!));
    } catch (error) {
      for (const { reject } of taken) reject(error);
    }
  }
  batch.isStoring = false;
}
