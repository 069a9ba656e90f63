import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { aProgram } from '../../support/ground.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';

/** A touchpoint that is accepted as it is. */
export const touch = (more: object = {}) => ({
  identity: { visitorId: 'v1' },
  channel: 'paid_search',
  kind: 'click',
  occurredAt: '2026-03-01T10:00:00+01:00',
  ...more,
});

/** A sale that is accepted as it is. */
export const sale = (more: object = {}) => ({
  externalId: 'x',
  identity: { customerId: 'c1' },
  type: 'purchase',
  value: { minor: 100, currency: 'EUR' },
  occurredAt: '2026-03-02T00:00:00Z',
  ...more,
});

/** A database with one program, for tests of the intake. */
export class IntakeGround {
  readonly postgres: TestPostgres;
  readonly pool: Pool;
  readonly programId: string;

  private constructor(postgres: TestPostgres, pool: Pool, programId: string) {
    this.postgres = postgres;
    this.pool = pool;
    this.programId = programId;
  }

  static async open(): Promise<IntakeGround> {
    const postgres = await startTestPostgres();
    const pool = createPool({ url: postgres.url });
    return new IntakeGround(postgres, pool, (await aProgram(pool)).programId);
  }

  async close(): Promise<void> {
    await this.pool.end();
    await this.postgres.stop();
  }

  async rows<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return inTransaction(this.pool, this.programId, async (tx) => (await tx.query<Row>(sql, values)).rows);
  }

  /** Rows of another program, which is `$1`. */
  async rowsOf<Row extends object>(programId: string, sql: string): Promise<Row[]> {
    return inTransaction(this.pool, programId, async (tx) => (await tx.query<Row>(sql, [programId])).rows);
  }

  async count(table: string, where = 'true'): Promise<number> {
    return Number((await this.rows<{ n: number }>(`select count(*) as n from ${table} where ${where}`))[0]!.n);
  }
}
