import { attempt, storeBatch } from '../intake/batch.ts';
import { CONVERSION_INTAKE } from '../intake/conversions.ts';
import { REFUND_INTAKE } from '../intake/refunds.ts';
import type { IntakeResult } from '../intake/result.ts';
import { TOUCHPOINT_INTAKE } from '../intake/touchpoints.ts';
import type { Pool } from '../pool.ts';
import { recordEvent } from '../queries/event.ts';
import { inTransaction } from '../transaction.ts';
import type { Tx } from '../transaction.ts';
import { insertErrors, MOST_ERRORS } from './error.ts';
import type { ImportError } from './error.ts';
import { endImport, getImport, senderOf } from './import.ts';
import type { Import, ImportState } from './import.ts';
import { storeJourneys } from './journeys.ts';
import { unpackRecords } from './record.ts';
import type { ImportRecord } from './record.ts';
import { readRow } from './row.ts';

/** A chunk that another attempt took first: this one's work is rolled back. */
class TakenElsewhere extends Error {}

export interface ImportProgress {
  state: ImportState;
  read: number;
}

/** What becomes of a chunk's rows; `results` by the index of `values`. */
type Store = (tx: Tx, found: Import, values: unknown[], lines: number[]) => Promise<IntakeResult[]>;

/**
 * Takes the next chunk in one transaction: its rows under the intake barrier, its errors, and that it was taken. So a dead attempt's chunk is
 * whole or not there, and of two attempts one wins.
 * @returns how far the import is; anything but `running` is its end
 */
export async function takeChunk(pool: Pool, programId: string, importId: string): Promise<ImportProgress> {
  return takeNext(pool, programId, importId, storeRows);
}

/** The same for rows that were stored outside of the transaction, each idempotent by itself. */
export async function takeChunkResults(
  pool: Pool,
  programId: string,
  { importId, no, results }: { importId: string; no: number; results: IntakeResult[] },
): Promise<ImportProgress> {
  return takeNext(pool, programId, importId, async (_tx, found) => {
    if (found.taken !== no) throw new TakenElsewhere();
    return results;
  });
}

/** The next chunk's number and rows, or null when none is left or the import has ended. */
export async function peekChunk(
  pool: Pool,
  programId: string,
  importId: string,
): Promise<{ found: Import; rows: { line: number; value: unknown }[] } | null> {
  return inTransaction(pool, programId, async (tx) => {
    const found = await getImport(tx, importId);
    if (isEnded(found) || found.taken === found.chunks) return null;
    const { values, lines } = readValues(found, await readChunk(tx, found));
    return { found, rows: values.map((value, index) => ({ line: lines[index]!, value })) };
  });
}

async function takeNext(pool: Pool, programId: string, importId: string, store: Store): Promise<ImportProgress> {
  try {
    return await inTransaction(pool, programId, async (tx) => {
      const found = await getImport(tx, importId);
      if (isEnded(found)) return found;
      if (found.chunks === null) return { state: 'queued', read: 0 };
      if (found.taken === found.chunks) return finish(tx, found);
      const { values, lines, faults } = readValues(found, await readChunk(tx, found));
      const results = await store(tx, found, values, lines);
      const refused = results.flatMap(({ index, status, code, detail }) =>
        status === 'rejected' ? [{ line: lines[index]!, code: code!, detail: detail! }] : [],
      );
      return note(tx, found, results, [...faults, ...refused]);
    });
  } catch (error) {
    if (!(error instanceof TakenElsewhere)) throw error;
    return inTransaction(pool, programId, (tx) => getImport(tx, importId));
  }
}

const isEnded = ({ state }: Import) => state !== 'queued' && state !== 'running';

async function readChunk(tx: Tx, { id, taken }: Import): Promise<ImportRecord[]> {
  const { rows } = await tx.query<{ bytes: Buffer }>(
    'select bytes from import_chunk where program_id = $1 and import_id = $2 and no = $3',
    [tx.programId, id, taken],
  );
  if (!rows[0]) throw new TakenElsewhere();
  return unpackRecords(rows[0].bytes);
}

function readValues({ kind, columns }: Import, records: readonly ImportRecord[]) {
  const values: unknown[] = [];
  const lines: number[] = [];
  const faults: ImportError[] = [];
  for (const { line, bytes, fault } of records) {
    const refusals: IntakeResult[] = [];
    if (fault) faults.push({ line, ...fault });
    else
      attempt(refusals, 0, () => {
        values.push(readRow(kind, columns, bytes));
        lines.push(line);
      });
    if (refusals[0]) faults.push({ line, code: refusals[0].code!, detail: refusals[0].detail! });
  }
  return { values, lines, faults };
}

const storeRows: Store = async (tx, found, values, lines) => {
  const actor = senderOf(found);
  switch (found.kind) {
    case 'touchpoints':
      return storeBatch(tx, values, { ...TOUCHPOINT_INTAKE, actor });
    case 'conversions':
      return storeBatch(tx, values, { ...CONVERSION_INTAKE, actor });
    case 'refunds':
      return storeBatch(tx, values, { ...REFUND_INTAKE, actor });
    case 'journeys':
      return storeJourneys(tx, found.id, values, lines);
    case 'partners':
      throw new Error('Partners are started outside of a transaction.');
  }
};

async function note(
  tx: Tx,
  found: Import,
  results: readonly IntakeResult[],
  errors: ImportError[],
): Promise<ImportProgress> {
  const count = (status: IntakeResult['status']) => results.filter((result) => result.status === status).length;
  const [accepted, duplicate, rejected] = [count('accepted'), count('duplicate'), errors.length];
  const { rows } = await tx.query<{ read: number }>(
    `update import
     set taken = taken + 1, state = 'running', read = read + $4, accepted = accepted + $5, duplicate = duplicate + $6, rejected = rejected + $7
     where program_id = $1 and id = $2 and taken = $3 and state in ('queued', 'running')
     returning read`,
    [tx.programId, found.id, found.taken, accepted + duplicate + rejected, accepted, duplicate, rejected],
  );
  if (!rows[0]) throw new TakenElsewhere();
  errors.sort((a, b) => a.line - b.line);
  await insertErrors(tx, found.id, errors.slice(0, Math.max(0, MOST_ERRORS - found.rejected)));
  await tx.query('delete from import_chunk where program_id = $1 and import_id = $2 and no = $3', [
    tx.programId,
    found.id,
    found.taken,
  ]);
  return { state: 'running', read: rows[0].read };
}

async function finish(tx: Tx, found: Import): Promise<ImportProgress> {
  const { id, read, accepted, duplicate, rejected } = found;
  if (!(await endImport(tx, id, 'done'))) throw new TakenElsewhere();
  const { rows } = await tx.query<{ at: string }>('select clock_timestamp() as at');
  await recordEvent(tx, {
    kind: 'import.finished',
    actor: senderOf(found),
    at: rows[0]!.at,
    subject: { type: 'import', id },
    data: { read, accepted, duplicate, rejected },
  });
  return { state: 'done', read };
}
