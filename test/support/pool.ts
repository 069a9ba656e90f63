import { afterAll, beforeAll } from '@jest/globals';
import { createPool } from '../../db/pool.ts';
import type { Pool } from '../../db/pool.ts';
import { startTestPostgres } from './postgres.ts';

/** A pool on a database of this test file's own, from before its first test until after its last; `use` is handed it once. */
export function useTestPool(use: (pool: Pool) => void): void {
  let close: () => Promise<void> = () => Promise.resolve();
  beforeAll(async () => {
    const postgres = await startTestPostgres();
    const pool = createPool({ url: postgres.url });
    close = () => pool.end().then(() => postgres.stop());
    use(pool);
  });
  afterAll(() => close());
}
