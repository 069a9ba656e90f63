import type pg from 'pg';
import { advanceBoundaries } from '../../activities/attribution/advance.ts';
import { drainIntake } from '../../activities/attribution/drain.ts';
import { queueIntakeWork } from '../../db/intake/work.ts';
import { joinIntake } from '../../db/locks.ts';
import type { Pool } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';

/**
 * The same conversions as the feed credits them when an evaluation is carried out or a rule begins: under the one rule in force, in steps that
 * lock them, compare with what stands, write credits and states, and queue the poster's work.
 */
export async function runFeed(
  pool: Pool,
  owner: pg.Client,
  programId: string,
  range: { fromAt: string; toAt: string },
): Promise<{ ms: number; rows: number }> {
  await owner.query('truncate conversion_state, credit, intake_work, commission_work');
  const options = { now: new Date().toISOString() };
  // Windows and their locks have nothing to do with the number of conversions.
  await advanceBoundaries(pool, programId, options);
  await inTransaction(pool, programId, async (tx) =>
    queueIntakeWork(tx, [{ kind: 'range', ...range }], await joinIntake(tx)),
  );
  const began = performance.now();
  const { setAside } = await drainIntake(pool, programId, options);
  const ms = performance.now() - began;
  if (setAside > 0) throw new Error('The feed set work aside.');
  const { rows } = await owner.query<{ n: string }>('select count(*) as n from credit');
  return { ms, rows: Number(rows[0]!.n) };
}
