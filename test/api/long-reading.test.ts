import { expect, it } from '@jest/globals';
import { refuseLong } from '../../api/long-reading.ts';
import { toProblem } from '../../api/problem.ts';
import type { Pool } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';
import { aProgram } from '../support/ground.ts';
import { useTestPool } from '../support/pool.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

it('what takes longer to read than a transaction may is refused by the field that makes it long', async () => {
  const { programId } = await aProgram(pool);
  const read = (seconds: number) => () =>
    inTransaction(pool, programId, (tx) => tx.query('select pg_sleep($1)', [seconds]), {
      mode: 'snapshot',
      timeoutMs: 300,
    });
  const refused = await refuseLong('to', read(30)).catch((error: unknown) => toProblem(error, 'req_1'));
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: 'to' }] } });
  expect((await refuseLong('to', read(0))).rowCount).toBe(1);
  const fault = await refuseLong('to', () => pool.query('select 1 / 0')).catch((error: unknown) =>
    toProblem(error, 'r'),
  );
  expect(fault).toMatchObject({ status: 500 });
});
