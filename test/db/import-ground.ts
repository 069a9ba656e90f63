import { listErrors } from '../../db/import/error.ts';
import { getImport } from '../../db/import/import.ts';
import type { ImportFormat, ImportKind } from '../../db/import/kind.ts';
import { takeImport } from '../../db/import/take-import.ts';
import { uploadImport } from '../../db/import/upload.ts';
import { newId } from '../../db/ids.ts';
import { createPool } from '../../db/pool.ts';
import type { Pool } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';
import { aProgram } from '../support/ground.ts';
import { startTestPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';

export const SENDER = { kind: 'person' as const, id: 'per_x' };

/** A body in parts as the network hands them over; each character of `text` is one byte. */
export async function* inParts(text: string, size = 65_536): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A database with a program, and what tests of imports ask of them. */
export class ImportGround {
  readonly postgres: TestPostgres;
  readonly pool: Pool;
  programId = '';

  private constructor(postgres: TestPostgres) {
    this.postgres = postgres;
    this.pool = createPool({ url: postgres.url });
  }

  static async open(): Promise<ImportGround> {
    const ground = new ImportGround(await startTestPostgres());
    await ground.newProgram();
    return ground;
  }

  async close(): Promise<void> {
    await this.pool.end();
    await this.postgres.stop();
  }

  async newProgram(): Promise<void> {
    ({ programId: this.programId } = await aProgram(this.pool));
  }

  async upload(kind: ImportKind, text: string, format: ImportFormat = 'csv'): Promise<string> {
    const id = newId('import');
    await uploadImport(this.pool, this.programId, { id, kind, format, by: SENDER }, inParts(text));
    return id;
  }

  /** Takes an import to its end. */
  async finish(id: string) {
    while ((await takeImport(this.pool, this.programId, id)).state === 'running') continue;
    return this.look(id);
  }

  async look(id: string) {
    return inTransaction(this.pool, this.programId, async (tx) => ({
      ...(await getImport(tx, id)),
      errors: await listErrors(tx, id, { afterLine: 0, limit: 1_000 }),
    }));
  }

  /** Sends a file and takes it to its end. */
  async bring(kind: ImportKind, text: string, format: ImportFormat = 'csv') {
    return this.finish(await this.upload(kind, text, format));
  }

  async rows<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return inTransaction(this.pool, this.programId, async (tx) => (await tx.query<Row>(sql, values)).rows);
  }

  async count(table: string): Promise<number> {
    return Number((await this.rows<{ n: number }>(`select count(*) as n from ${table}`))[0]!.n);
  }
}
