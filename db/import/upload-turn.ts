import { randomUUID } from 'node:crypto';
import type { Actor } from '../../domain/actor.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Pool } from '../pool.ts';
import { recordEvent } from '../queries/event.ts';
import { inTransaction } from '../transaction.ts';
import type { Tx } from '../transaction.ts';
import { getImport, isEnded } from './import.ts';
import type { ImportFormat, ImportKind } from './kind.ts';

export interface UploadedImport {
  id: string;
  kind: ImportKind;
  format: ImportFormat;
  by: Actor;
}

/** What is known of a file once the whole of it has arrived. */
export interface WholeFile {
  columns: string[] | null;
  chunks: number;
  total: number;
  digest: string;
}

/**
 * The right of one upload to add chunks to an import, until another begins. Each step takes the import's row first, so that an upload that took
 * over has either cleared a chunk or refuses it. An import that was ended meanwhile takes no more, and its upload need not hear of it.
 */
export class UploadTurn {
  readonly #pool: Pool;
  readonly #programId: string;
  readonly #importId: string;
  readonly #token: string;
  #isOver = false;

  private constructor(pool: Pool, programId: string, importId: string, token: string) {
    this.#pool = pool;
    this.#programId = programId;
    this.#importId = importId;
    this.#token = token;
  }

  /** Begins anew what was sent before. @returns null when the import is complete already, or has ended */
  static async begin(pool: Pool, programId: string, upload: UploadedImport): Promise<UploadTurn | null> {
    const token = await inTransaction(pool, programId, (tx) => beginUpload(tx, upload));
    return token === null ? null : new UploadTurn(pool, programId, upload.id, token);
  }

  /** @param arrived data rows so far, this chunk's among them. @throws DomainError `conflict` when another upload took over */
  async addChunk(no: number, bytes: Buffer, arrived: number): Promise<void> {
    await this.#take(arrived, async (tx) => {
      await tx.query('insert into import_chunk (program_id, import_id, no, bytes) values ($1, $2, $3, $4)', [
        tx.programId,
        this.#importId,
        no,
        bytes,
      ]);
    });
  }

  /** Takes chunks back, from this number on. @throws DomainError `conflict` */
  async dropChunks(from: number, arrived: number): Promise<void> {
    await this.#take(arrived, async (tx) => {
      await tx.query('delete from import_chunk where program_id = $1 and import_id = $2 and no >= $3', [
        tx.programId,
        this.#importId,
        from,
      ]);
    });
  }

  /** Says that bytes come, though they fill no chunk. @throws DomainError `conflict` */
  async goOn(arrived: number): Promise<void> {
    await this.#take(arrived, () => Promise.resolve());
  }

  /**
   * The whole file has arrived.
   * @param then what else happens in the same transaction
   * @throws DomainError `conflict`
   */
  async finish(by: Actor, file: WholeFile, then: (tx: Tx) => Promise<void>): Promise<void> {
    await this.#take(file.total, async (tx) => {
      // The token is of no more use; what takes its place tells the same file from another.
      await tx.query(
        'update import set columns = $3, chunks = $4, total = $5, upload = $6 where program_id = $1 and id = $2',
        [tx.programId, this.#importId, file.columns, file.chunks, file.total, file.digest],
      );
      const { createdAt } = await getImport(tx, this.#importId);
      await recordEvent(tx, {
        kind: 'import.received',
        actor: by,
        at: createdAt,
        subject: { type: 'import', id: this.#importId },
        data: { total: file.total },
      });
      await then(tx);
    });
  }

  async #take(arrived: number, step: (tx: Tx) => Promise<void>): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = await inTransaction(this.#pool, this.#programId, async (tx) => {
      const { rowCount } = await tx.query(
        `update import set progress_at = clock_timestamp(), arrived = $4
         where program_id = $1 and id = $2 and upload = $3 and chunks is null and state = 'queued'`,
        [tx.programId, this.#importId, this.#token, arrived],
      );
      if (rowCount === 0) {
        if (isEnded(await getImport(tx, this.#importId))) return true;
        throw new DomainError('conflict', `The import ${this.#importId} is being sent by another request.`);
      }
      await step(tx);
      return false;
    });
  }
}

async function beginUpload(tx: Tx, { id, kind, format, by }: UploadedImport): Promise<string | null> {
  const token = randomUUID();
  await tx.query(
    `insert into import (program_id, id, kind, format, created_by, created_by_kind) values ($1, $2, $3, $4, $5, $6)
     on conflict (program_id, id) do nothing`,
    [tx.programId, id, kind, format, by.id ?? '', by.kind],
  );
  const { rowCount } = await tx.query(
    `update import set upload = $3, arrived = 0, progress_at = clock_timestamp()
     where program_id = $1 and id = $2 and chunks is null and state = 'queued'`,
    [tx.programId, id, token],
  );
  if (rowCount === 0) return null;
  await tx.query('delete from import_chunk where program_id = $1 and import_id = $2', [tx.programId, id]);
  return token;
}
