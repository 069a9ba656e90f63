import type { Pool } from '../pool.ts';
import { recordEvent } from '../queries/event.ts';
import { inTransaction } from '../transaction.ts';
import type { Tx } from '../transaction.ts';
import { readChunk } from './checked-chunk.ts';
import type { CheckedChunk } from './checked-chunk.ts';
import { endImport, getImport, isEnded, senderOf } from './import.ts';
import type { Import } from './import.ts';
import type { ImportState } from './kind.ts';
import { takeChunk } from './take-chunk.ts';

/** While the database stores two chunks, this process reads another: neither core waits for the other. */
const LANES = 3;

export interface ImportProgress {
  state: ImportState;
  read: number;
}

export interface TakeOptions {
  /** Chunks under way at the same time. */
  lanes?: number;
  /** Called before each chunk; what it throws ends the taking between two chunks. */
  onChunk?(): void;
  /** Takes one chunk; by default its rows are stored in one transaction. @returns whether it was taken */
  take?(found: Import, chunk: CheckedChunk): Promise<boolean>;
}

/**
 * Takes an import to its end, chunk after chunk, each in a transaction of its own. A dead attempt's successor, or another one at the same
 * time, goes on with the chunks that are left.
 * @returns how far the import is; `queued` while its file is still being sent
 */
export async function takeImport(
  pool: Pool,
  programId: string,
  importId: string,
  { lanes = LANES, onChunk, take }: TakeOptions = {},
): Promise<ImportProgress> {
  const { found, left } = await inTransaction(pool, programId, async (tx) => ({
    found: await getImport(tx, importId),
    left: await chunksLeft(tx, importId),
  }));
  if (found.chunks === null || isEnded(found)) return found;
  let isOver = false;
  const runLane = async () => {
    for (let no = left.shift(); no !== undefined && !isOver; no = left.shift()) {
      onChunk?.();
      const chunk = await readChunk(pool, programId, found, no);
      if (!chunk) continue;
      const isTaken = await (take ? take(found, chunk) : takeChunk(pool, programId, importId, chunk));
      // Either somebody else took it, and the next one tells, or the import has ended.
      if (!isTaken) isOver = await inTransaction(pool, programId, async (tx) => isEnded(await getImport(tx, importId)));
    }
  };
  const lane = () =>
    runLane().catch((error: unknown) => {
      isOver = true;
      throw error;
    });
  const outcomes = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return inTransaction(pool, programId, (tx) => finish(tx, importId));
}

async function chunksLeft(tx: Tx, importId: string): Promise<number[]> {
  const { rows } = await tx.query<{ no: number }>(
    'select no from import_chunk where program_id = $1 and import_id = $2 order by no',
    [tx.programId, importId],
  );
  return rows.map(({ no }) => no);
}

/** Ends an import whose chunks are all taken; one that another attempt still works on stays as it is. */
async function finish(tx: Tx, importId: string): Promise<ImportProgress> {
  const found = await getImport(tx, importId);
  if (found.taken !== found.chunks || !(await endImport(tx, importId, 'done'))) return getImport(tx, importId);
  const { read, accepted, duplicate, rejected } = found;
  const { rows } = await tx.query<{ at: string }>('select clock_timestamp() as at');
  await recordEvent(tx, {
    kind: 'import.finished',
    actor: senderOf(found),
    at: rows[0]!.at,
    subject: { type: 'import', id: importId },
    data: { read, accepted, duplicate, rejected },
  });
  return { state: 'done', read };
}
