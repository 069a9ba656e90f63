import type { Tx } from '../transaction.ts';
import type { LineFault } from './record.ts';

/** Errors that are kept of one import; those after them are counted only. */
export const MOST_ERRORS = 10_000;
const LONGEST_DETAIL = 1_000;

export interface ImportError extends LineFault {
  line: number;
}

/** Keeps the faults of lines. A fault may quote what was sent, so what PostgreSQL cannot store is replaced. */
export async function insertErrors(tx: Tx, importId: string, errors: readonly ImportError[]): Promise<void> {
  if (errors.length === 0) return;
  const details = errors.map(({ detail }) =>
    detail.slice(0, LONGEST_DETAIL).replaceAll(/\0|\p{Surrogate}/gu, '\ufffd'),
  );
  await tx.query(
    `insert into import_error (program_id, import_id, line, code, detail)
     select $1, $2, e.line, e.code, e.detail from unnest($3::int[], $4::text[], $5::text[]) as e (line, code, detail)
     order by e.line
     on conflict (program_id, import_id, line, code) do nothing`,
    [tx.programId, importId, errors.map(({ line }) => line), errors.map(({ code }) => code), details],
  );
}

/** The errors behind a line, ascending. */
export async function listErrors(
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
