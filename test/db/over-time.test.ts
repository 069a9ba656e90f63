import { expect, it } from '@jest/globals';
import { isDatabaseAway } from '../../db/away.ts';
import type { Pool } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';
import { aProgram } from '../support/ground.ts';
import { useTestPool } from '../support/pool.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

it('a transaction whose time is over between two statements says so, and not that the database is away', async () => {
  const { programId } = await aProgram(pool);
  let isEnded = false;
  const error = await inTransaction(
    pool,
    programId,
    async (tx) => {
      // Heard once the server has ended the connection, as while a long journey is computed.
      await new Promise<void>((resolve) => tx.client.once('error', () => resolve()));
      isEnded = true;
      await tx.query('select 1');
    },
    { timeoutMs: 200 },
  ).catch((thrown: unknown) => thrown);
  expect(isEnded).toBe(true);
  expect(error).toMatchObject({ code: '25P04' });
  expect(isDatabaseAway(error)).toBe(false);
});

it('an error of the work itself is told, whatever became of the connection', async () => {
  const { programId } = await aProgram(pool);
  const failing = inTransaction(
    pool,
    programId,
    async (tx) => {
      await new Promise<void>((resolve) => tx.client.once('error', () => resolve()));
      throw new Error('of the work');
    },
    { timeoutMs: 200 },
  );
  await expect(failing).rejects.toThrow('of the work');
});
