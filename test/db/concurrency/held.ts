import type pg from 'pg';
import type { Pool } from '../../../db/pool.ts';
import { inTransaction } from '../../../db/transaction.ts';
import type { Tx } from '../../../db/transaction.ts';
import { eventually } from '../../support/eventually.ts';

/** A transaction that stays open until the test ends it, so that two of them can be put beside each other. */
export interface Held {
  tx: Tx;
  pid: number;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** Begins a transaction of the program as the application does. */
export async function hold(pool: Pool, programId: string): Promise<Held> {
  const undo = new Error('rolled back by the test');
  let end: (isKept: boolean) => void = () => undefined;
  const ended = new Promise<boolean>((resolve) => (end = resolve));
  let done: Promise<void> = Promise.resolve();
  const tx = await new Promise<Tx>((resolve, reject) => {
    done = inTransaction(pool, programId, async (begun) => {
      resolve(begun);
      if (!(await ended)) throw undo;
    });
    done.catch(reject);
  });
  const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
  return {
    tx,
    pid: rows[0]!.pid,
    commit: () => {
      end(true);
      return done;
    },
    rollback: () => {
      end(false);
      return done.catch((error: unknown) => {
        if (error !== undo) throw error;
      });
    },
  };
}

/** Resolves once `count` sessions of the application wait for a lock in this database. */
export async function untilWaiting(root: pg.Client, count: number): Promise<void> {
  await eventually(async () => {
    const { rows } = await root.query<{ n: string }>(
      `select count(*) as n from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock' and application_name = 'tandem'`,
    );
    if (Number(rows[0]!.n) !== count) throw new Error(`${rows[0]!.n} sessions wait for a lock, not ${count}.`);
  });
}
