import { brokenConstraint } from '../transaction.ts';
import type { Tx } from '../transaction.ts';

/**
 * Inserts rows that are most likely new: a plain insert costs half of one that looks for conflicts.
 * @param constraint the unique constraint that may be broken all the same
 * @returns false, with nothing inserted, when it was
 */
export async function insertsWithoutConflict(
  tx: Tx,
  insert: string,
  values: unknown[],
  constraint: string,
): Promise<boolean> {
  await tx.query('savepoint plain_insert');
  try {
    await tx.query(insert, values);
    await tx.query('release savepoint plain_insert');
    return true;
  } catch (error) {
    if (brokenConstraint(error) !== constraint) throw error;
    await tx.query('rollback to savepoint plain_insert');
    return false;
  }
}
