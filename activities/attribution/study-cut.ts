import type { Pool } from '../../db/pool.ts';
import { cutStudy, getStudy } from '../../db/queries/study.ts';
import { inTransaction } from '../../db/transaction.ts';
import { settleBoundary } from './advance.ts';
import type { DrainOptions } from './drain.ts';

/**
 * Fixes the instant that a study of its own reads: a boundary, cut once under the barrier, everything received before it credited and
 * posted, and sealed. A study at the cut of an evaluation or of another study has its instant already. Twice changes nothing.
 */
export async function cutOwnStudy(
  pool: Pool,
  programId: string,
  studyId: string,
  options: DrainOptions,
): Promise<void> {
  const study = await inTransaction(pool, programId, (tx) => getStudy(tx, studyId));
  if (study.state !== 'queued' || study.evaluationId !== null || study.epoch !== null) return;
  const cutAt = await inTransaction(pool, programId, (tx) => cutStudy(tx, studyId));
  await settleBoundary(pool, programId, cutAt, options);
}
