import { storeItems } from '../intake/batch.ts';
import type { ReadItems } from '../intake/batch.ts';
import type { IntakeResult } from '../intake/result.ts';
import type { Pool } from '../pool.ts';
import { inTransaction } from '../transaction.ts';
import type { Tx } from '../transaction.ts';
import type { CheckedChunk } from './checked-chunk.ts';
import { insertErrors } from './error.ts';
import type { ImportError } from './error.ts';
import { getImport, isEnded, senderOf } from './import.ts';
import type { Import } from './import.ts';
import { storeJourneys } from './journeys.ts';
import type { JourneyItem } from './journeys.ts';
import { rulesOf } from './rules.ts';

/** A chunk that somebody else took, or an import that has ended: what was done for the chunk is rolled back. */
class NotOurs extends Error {}

/** What becomes of a chunk's rows: one result per item. */
export type StoreChunk = (tx: Tx, found: Import, chunk: CheckedChunk) => Promise<IntakeResult[]>;

/**
 * Takes a chunk in one transaction: its rows under the intake barrier, its errors, the counts, and that it is gone. So a dead attempt's chunk
 * is whole or not there, and of two attempts one wins. Chunks of one import may be taken at the same time and in any order.
 * @returns whether it was taken here
 */
export async function takeChunk(
  pool: Pool,
  programId: string,
  importId: string,
  chunk: CheckedChunk,
  store: StoreChunk = storeRows,
): Promise<boolean> {
  try {
    await inTransaction(pool, programId, async (tx) => {
      const found = await getImport(tx, importId);
      if (isEnded(found)) throw new NotOurs();
      const results = await store(tx, found, chunk);
      await note(tx, importId, chunk, results);
    });
    return true;
  } catch (error) {
    if (error instanceof NotOurs) return false;
    throw error;
  }
}

const storeRows: StoreChunk = async (tx, found, { items, lines }) => {
  const { intake } = rulesOf(found.kind);
  if (intake) return storeItems(tx, items, { ...intake, actor: senderOf(found), areNew: found.duplicate === 0 });
  if (found.kind === 'journeys') return storeJourneys(tx, found.id, items as ReadItems<JourneyItem>, lines);
  throw new Error('Partners are started outside of a transaction.');
};

/** The import's row comes first, as it does for whoever ends the import. */
async function note(
  tx: Tx,
  importId: string,
  { no, lines, faults }: CheckedChunk,
  results: readonly IntakeResult[],
): Promise<void> {
  const errors: ImportError[] = [...faults];
  let [accepted, duplicate] = [0, 0];
  for (const { index, status, code, detail } of results) {
    if (status === 'accepted') accepted += 1;
    else if (status === 'duplicate') duplicate += 1;
    else errors.push({ line: lines[index]!, code: code!, detail: detail! });
  }
  const noted = await tx.query(
    `update import
     set taken = taken + 1, state = 'running', progress_at = clock_timestamp(), read = read + $3, accepted = accepted + $4, duplicate = duplicate + $5, rejected = rejected + $6
     where program_id = $1 and id = $2 and state in ('queued', 'running')`,
    [tx.programId, importId, accepted + duplicate + errors.length, accepted, duplicate, errors.length],
  );
  if (noted.rowCount === 0) throw new NotOurs();
  const { rowCount } = await tx.query('delete from import_chunk where program_id = $1 and import_id = $2 and no = $3', [
    tx.programId,
    importId,
    no,
  ]);
  if (rowCount === 0) throw new NotOurs();
  await insertErrors(tx, importId, errors, no);
}
