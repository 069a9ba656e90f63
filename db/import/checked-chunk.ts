import { setImmediate as nextTurn } from 'node:timers/promises';
import { itemReader } from '../intake/batch.ts';
import type { ReadItems } from '../intake/batch.ts';
import { Refusal } from '../intake/result.ts';
import type { Pool } from '../pool.ts';
import { inTransaction } from '../transaction.ts';
import type { ImportError } from './error.ts';
import type { Import } from './import.ts';
import { packedRecords } from './record.ts';
import { ChunkText, readRow } from './row.ts';
import { rulesOf } from './rules.ts';

/** Rows after which other work of the process gets its turn: about 2 ms. */
const ROWS_PER_TURN = 200;

/** A chunk whose rows were read and checked; nothing of it is stored yet. */
export interface CheckedChunk {
  no: number;
  items: ReadItems<unknown>;
  /** The line of each item. */
  lines: number[];
  /** Lines that make no row. */
  faults: ImportError[];
}

/** Reads a chunk's rows by the rules of their kind. @returns null when the chunk is gone: somebody took it */
export async function readChunk(
  pool: Pool,
  programId: string,
  { id, kind, columns }: Import,
  no: number,
): Promise<CheckedChunk | null> {
  const bytes = await loadBytes(pool, programId, id, no);
  if (!bytes) return null;
  const { read, plain } = rulesOf(kind);
  const atSight = columns && plain?.(columns);
  const items = itemReader<unknown>();
  const lines: number[] = [];
  const faults: ImportError[] = [];
  const chunk = new ChunkText(bytes);
  for (const record of packedRecords(bytes)) {
    if ((lines.length + faults.length) % ROWS_PER_TURN === ROWS_PER_TURN - 1) await nextTurn();
    if (record.fault) {
      faults.push({ line: record.line, ...record.fault });
      continue;
    }
    const item = atSight?.read(chunk.latin1, record.from, record.to) ?? null;
    if (item !== null) items.push(item);
    else items.add(() => orRefusal(() => read(readRow(kind, columns, chunk.textOf(record)))));
    lines.push(record.line);
  }
  return { no, items, lines, faults };
}

/**
 * What reads a row knows nothing but the row, so what it throws is the row's fault, whichever it is, and would be thrown each time: no line may
 * keep its file from ending.
 * @throws Refusal
 */
export function orRefusal<Item>(read: () => Item): Item {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(
      'malformed',
      `The line cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** The whole transaction is over before the rows are read: nobody holds a connection while the process is busy. */
async function loadBytes(pool: Pool, programId: string, importId: string, no: number): Promise<Buffer | undefined> {
  return inTransaction(pool, programId, async (tx) => {
    const { rows } = await tx.query<{ bytes: Buffer }>(
      'select bytes from import_chunk where program_id = $1 and import_id = $2 and no = $3',
      [tx.programId, importId, no],
    );
    return rows[0]?.bytes;
  });
}
