import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { isDatabaseAway } from '../../db/away.ts';
import { createPool } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Tx } from '../../db/transaction.ts';
import { findFreePort } from '../../runtime/free-port.ts';
import { startTestPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';

let postgres: TestPostgres;
let behind: pg.Pool;

beforeAll(async () => {
  postgres = await startTestPostgres();
  behind = new pg.Pool({ connectionString: postgres.superuserUrl, max: 1 });
});
afterAll(async () => {
  await behind.end();
  await postgres.stop();
});

const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

const pidOf = async (tx: Tx) => (await tx.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid;
const kill = (pid: number) => behind.query('select pg_terminate_backend($1, 5000)', [pid]);

describe('a database that is away', () => {
  it('is known by a connection that dies between two statements, and by the next transaction being whole again', async () => {
    const pool = createPool({ url: postgres.url, size: 1 });
    const error = await errorOf(
      inTransaction(pool, 'prg_1', async (tx) => {
        const pid = await pidOf(tx);
        const ended = new Promise<void>((resolve) => tx.client.once('end', resolve));
        await Promise.all([ended, kill(pid)]);
        await tx.query('select 1');
      }),
    );
    expect(error).toMatchObject({ code: '57P01' });
    expect(isDatabaseAway(error)).toBe(true);
    expect(await inTransaction(pool, 'prg_1', pidOf)).toEqual(expect.any(Number));
    await pool.end();
  });

  it('is known by a connection that dies under a statement', async () => {
    const pool = createPool({ url: postgres.url, size: 1 });
    const error = await errorOf(
      inTransaction(pool, 'prg_1', async (tx) => {
        const pid = await pidOf(tx);
        const waiting = errorOf(tx.query('select pg_sleep(30)'));
        await kill(pid);
        throw await waiting;
      }),
    );
    expect(isDatabaseAway(error)).toBe(true);
    await pool.end();
  });

  it('is known by a server that is not there', async () => {
    const pool = createPool({ url: `postgres://nobody@127.0.0.1:${await findFreePort()}/none`, size: 1 });
    expect(isDatabaseAway(await errorOf(inTransaction(pool, 'prg_1', pidOf)))).toBe(true);
    await pool.end();
  });

  it('is not a statement that fails', async () => {
    const pool = createPool({ url: postgres.url, size: 1 });
    const error = await errorOf(inTransaction(pool, 'prg_1', (tx) => tx.query('select from nowhere')));
    expect([error instanceof Error, isDatabaseAway(error), isDatabaseAway(undefined)]).toEqual([true, false, false]);
    await pool.end();
  });
});
