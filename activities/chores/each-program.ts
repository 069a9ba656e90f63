import type { Pool } from '../../db/pool.ts';
import { listProgramIds } from '../../db/transaction.ts';

/**
 * Does one chore for every program, one after the other. A program that fails does not keep the others from their turn; its error is
 * thrown at the end.
 * @returns the sum of what was done
 */
export async function eachProgram(
  pool: Pool,
  work: (programId: string) => Promise<number>,
  signal?: AbortSignal,
): Promise<number> {
  let done = 0;
  let failure: Error | undefined;
  for (const programId of await listProgramIds(pool)) {
    if (signal?.aborted) break;
    try {
      done += await work(programId);
    } catch (error) {
      failure ??= error as Error;
    }
  }
  if (failure !== undefined) throw failure;
  return done;
}
