import { afterAll, beforeAll } from '@jest/globals';
import pg from 'pg';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import { aProgram } from '../../support/ground.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';

export interface Ground {
  postgres: TestPostgres;
  /** As API and workers connect. */
  pool: Pool;
  /** Sees and may do everything. */
  root: pg.Client;
  programId: string;
}

/** A program on a database of this test file's own, and a look behind the rules; `use` is handed it before the first test. */
export function useGround(use: (ground: Ground) => void): void {
  let close: () => Promise<void> = () => Promise.resolve();
  beforeAll(async () => {
    const postgres = await startTestPostgres();
    const pool = createPool({ url: postgres.url });
    const root = new pg.Client({ connectionString: postgres.superuserUrl });
    await root.connect();
    close = async () => {
      await root.end();
      await pool.end();
      await postgres.stop();
    };
    use({ postgres, pool, root, programId: (await aProgram(pool)).programId });
  });
  afterAll(() => close());
}
