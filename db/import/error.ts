import type { Tx } from '../transaction.ts';
import type { LineFault } from './record.ts';

const LONGEST_DETAIL = 1_000;

export interface ImportError extends LineFault {
  line: number;
}

type Packed = [line: number, code: string, detail: string];

/**
 * Keeps the faults of a chunk's lines, every one of them, in one row. A fault may quote what was sent, so what PostgreSQL cannot store is
 * replaced.
 * @param no the chunk's number; a file that is refused as a whole has no chunk, and nothing of it is taken
 */
export async function insertErrors(tx: Tx, importId: string, errors: readonly ImportError[], no = 0): Promise<void> {
  if (errors.length === 0) return;
  const packed = [...errors]
    .sort((a, b) => a.line - b.line)
    .map(({ line, code, detail }): Packed => [line, code, storable(detail)]);
  await tx.query(
    `insert into import_error_chunk (program_id, import_id, no, lines, last_line, content) values ($1, $2, $3, $4, $5, $6)
     on conflict (program_id, import_id, no) do nothing`,
    [tx.programId, importId, no, packed.length, packed.at(-1)![0], JSON.stringify(packed)],
  );
}

function storable(detail: string): string {
  return detail.slice(0, LONGEST_DETAIL).replaceAll(/\0|\p{Surrogate}/gu, '\ufffd');
}

/** The errors behind a line, ascending. While chunks are being taken, those of earlier lines may still come. */
export async function listErrors(
  tx: Tx,
  importId: string,
  { afterLine, limit }: { afterLine: number; limit: number },
): Promise<ImportError[]> {
  const found = await listSingle(tx, importId, { afterLine, limit });
  let isMore = true;
  for (let [after, left] = [afterLine, limit]; isMore && left > 0;) {
    const chunks = await readChunks(tx, importId, { afterLine: after, limit: left });
    const errors = chunks.flatMap(({ content }) => content.filter(([line]) => line > after));
    found.push(...errors.map(([line, code, detail]) => ({ line, code, detail })));
    left -= errors.length;
    isMore = chunks.length > 0;
    after = chunks.at(-1)?.lastLine ?? after;
  }
  return found.sort((a, b) => a.line - b.line).slice(0, limit);
}

/** The next chunks with errors, enough for `limit` of them unless the first is behind the line only in part. */
async function readChunks(
  tx: Tx,
  importId: string,
  { afterLine, limit }: { afterLine: number; limit: number },
): Promise<{ lastLine: number; content: Packed[] }[]> {
  const { rows } = await tx.query<{ lastLine: number; content: Packed[] }>(
    `select last_line as "lastLine", content
     from (
       select no, last_line, content, coalesce(sum(lines) over (order by no rows between unbounded preceding and 1 preceding), 0) as before
       from import_error_chunk
       where program_id = $1 and import_id = $2 and last_line > $3
     ) c
     where before < $4
     order by no`,
    [tx.programId, importId, afterLine, limit],
  );
  return rows;
}

/** Errors that were kept a row for each, as it was done once. */
async function listSingle(
  tx: Tx,
  importId: string,
  { afterLine, limit }: { afterLine: number; limit: number },
): Promise<ImportError[]> {
  const { rows } = await tx.query<ImportError>(
    `select line, code, detail from import_error
     where program_id = $1 and import_id = $2 and line > $3
     order by line, code limit $4`,
    [tx.programId, importId, afterLine, limit],
  );
  return rows;
}
