import pg from 'pg';
import { isDatabaseAway } from './away.ts';
import type { Pool } from './pool.ts';

/** A connection inside a transaction that sees one program's rows. Every query function takes it as its first argument. */
export interface Tx {
  readonly programId: string;
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    text: string,
    values?: unknown[],
  ): Promise<pg.QueryResult<Row>>;
  /** The connection itself, for COPY streams only. */
  readonly client: pg.PoolClient;
}

export interface TransactionOptions {
  /** Read-only reports, audit and dossiers read one snapshot. Writers run READ COMMITTED. */
  mode?: 'write' | 'snapshot';
  /** Aborts the transaction after this time, so that an old attempt of an activity dies before the next starts. */
  timeoutMs?: number;
}

const REPEATABLE_CODES = new Set(['40P01', '40001', '55P03']);
const MAX_ATTEMPTS = 5;
/** A write ends before the activity around it is tried again (30 s, `workflows/activity-proxies.ts`). */
const DEFAULT_TIMEOUT_MS = { write: 20_000, snapshot: 60_000 } as const;

/** How many transactions were repeated, by SQL state; tests demand that no deadlock (40P01) is among them. */
export const repeatedTransactions = new Map<string, number>();

/**
 * Runs `work` in one transaction of one program. A deadlock, a serialization failure or a lock time-out repeats it, five times at most;
 * `work` must therefore have no effect outside the transaction: no call, no mail, no waiting.
 */
export async function inTransaction<Result>(
  pool: Pool,
  programId: string,
  work: (tx: Tx) => Promise<Result>,
  options: TransactionOptions = {},
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(pool, programId, work, options);
    } catch (error) {
      const state = (error as { code?: string }).code ?? '';
      if (!REPEATABLE_CODES.has(state) || attempt >= MAX_ATTEMPTS) throw error;
      repeatedTransactions.set(state, (repeatedTransactions.get(state) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * attempt));
    }
  }
}

async function runOnce<Result>(
  pool: Pool,
  programId: string,
  work: (tx: Tx) => Promise<Result>,
  options: TransactionOptions,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // A connection that dies between two statements tells nobody but this; unheard, it would end the process.
  // The first says why; what follows only says that it is gone.
  const onError = (error: Error) => {
    broken ??= error;
  };
  client.on('error', onError);
  try {
    await client.query(opening(programId, options));
    const tx: Tx = {
      programId,
      client,
      query: (text, values) => client.query(text, values),
    };
    const result = await work(tx);
    await client.query('commit');
    return result;
  } catch (error) {
    // The statement after the break only says that the connection is gone; what broke it says why, for instance that the time was over.
    const cause = broken !== undefined && isDatabaseAway(error) ? broken : error;
    await client.query('rollback').catch((failure: Error) => {
      broken = failure;
    });
    throw cause;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** Begins, names the program to the row policies and sets the time-out in one trip to the server, because every transaction pays for it. */
function opening(
  programId: string,
  { mode = 'write', timeoutMs = DEFAULT_TIMEOUT_MS[mode] }: TransactionOptions,
): string {
  const begin = mode === 'snapshot' ? 'begin isolation level repeatable read read only' : 'begin';
  const settings = [
    ['tandem.program_id', programId],
    ['transaction_timeout', String(timeoutMs)],
  ].map(([name, value]) => `set_config(${pg.escapeLiteral(name!)}, ${pg.escapeLiteral(value!)}, true)`);
  return `${begin}; select ${settings.join(', ')}`;
}

/** The ids of all programs; the only read that is not of one program. */
export async function listProgramIds(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ program_id: string }>(
    'select program_id from program_directory order by program_id',
  );
  return rows.map((row) => row.program_id);
}

/** The name of the constraint that a failed statement broke, or undefined. */
export function brokenConstraint(error: unknown): string | undefined {
  const { code, constraint } = error as { code?: string; constraint?: string };
  return code?.startsWith('23') ? constraint : undefined;
}
