import type { Actor } from '../../domain/actor.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Tx } from '../transaction.ts';
import type { ImportFormat, ImportKind, ImportState } from './kind.ts';

/** Chunks that one transaction takes away; each has a MiB at most, or one row. */
export const CHUNKS_AT_ONCE = 100;

/** A file of facts on its way in. `read` counts data rows; `total` and `chunks` are null until the whole body has arrived. */
export interface Import {
  id: string;
  kind: ImportKind;
  format: ImportFormat;
  state: ImportState;
  columns: string[] | null;
  chunks: number | null;
  taken: number;
  read: number;
  accepted: number;
  duplicate: number;
  rejected: number;
  total: number | null;
  failure: string | null;
  createdBy: string;
  createdByKind: Actor['kind'];
  createdAt: string;
}

const COLUMNS = `id, kind, format, state, columns, chunks, taken, read, accepted, duplicate, rejected, total, failure, created_by as "createdBy",
  created_by_kind as "createdByKind", created_at as "createdAt"`;

/** @throws DomainError `not-found` */
export async function getImport(tx: Tx, id: string): Promise<Import> {
  const { rows } = await tx.query<Import>(`select ${COLUMNS} from import where program_id = $1 and id = $2`, [
    tx.programId,
    id,
  ]);
  if (!rows[0]) throw new DomainError('not-found', `There is no import ${id}.`);
  return rows[0];
}

/** Imports, newest first. */
export async function listImports(
  tx: Tx,
  { state, before, limit }: { state?: ImportState | undefined; before?: string | undefined; limit: number },
): Promise<Import[]> {
  const { rows } = await tx.query<Import>(
    `select ${COLUMNS} from import
     where program_id = $1 and ($2::text is null or state = $2) and ($3::text is null or id < $3)
     order by id desc limit $4`,
    [tx.programId, state ?? null, before ?? null, limit],
  );
  return rows;
}

/**
 * Ends an import that has not ended. Of many chunks that were not taken some stay for `deleteLeftChunks`: whoever ends it does not wait for a large file to go.
 * @returns whether it did
 */
export async function endImport(
  tx: Tx,
  id: string,
  state: 'done' | 'failed' | 'cancelled',
  failure: string | null = null,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update import set state = $3, failure = $4 where program_id = $1 and id = $2 and state in ('queued', 'running')`,
    [tx.programId, id, state, failure],
  );
  if (rowCount === 1 && state !== 'done')
    await tx.query(
      `delete from import_chunk
       where program_id = $1 and import_id = $2 and no in (
         select no from import_chunk where program_id = $1 and import_id = $2 limit $3)`,
      [tx.programId, id, CHUNKS_AT_ONCE],
    );
  return rowCount === 1;
}

/** Whether nothing more will be taken of it. */
export function isEnded({ state }: Pick<Import, 'state'>): boolean {
  return state !== 'queued' && state !== 'running';
}

/** Who sent the file. */
export function senderOf({ createdBy, createdByKind }: Pick<Import, 'createdBy' | 'createdByKind'>): Actor {
  return { kind: createdByKind, id: createdBy };
}
