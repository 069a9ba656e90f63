import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort, isPortFree } from '../free-port.ts';
import type { ProcessRecord } from '../process-record.ts';
import { endProcess, forgetProcess } from '../process-record.ts';
import { choosePostgresAccount } from './postgres-account.ts';
import { preparePostgresBinaries } from './postgres-binaries.ts';
import { keepPostgresPassword, makeCluster } from './postgres-cluster.ts';
import { choosePostgresFolder } from './postgres-folder.ts';
import { launchPostgres } from './postgres-launch.ts';
import { stopOrphanPostgres } from './postgres-orphan.ts';

export interface EmbeddedPostgres {
  /** Of the superuser, database `postgres`. */
  url: string;
  port: number;
  process: ProcessRecord;
  /** Resolves when the server has ended, whoever ended it. */
  ended: Promise<void>;
  /** Fast shutdown (connections are cut, data are safe); resolves when the server is gone. */
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** The folder of all state; data lie in `<stateDir>/postgres`, the log in `<stateDir>/logs/postgres.log`. */
  stateDir: string;
  /** Any free port when absent. */
  port?: number;
  /** More `name=value` settings, for instance `fsync=off` in tests. */
  settings?: string[];
  /** Time for recovery and start. */
  readyWithinMs?: number;
}

/** Small on purpose: the whole tree shall idle below 900 MB. TCP on the loopback only, no socket files. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'shared_buffers=64MB',
  'max_connections=100',
  'wal_level=minimal',
  'max_wal_senders=0',
  'max_wal_size=512MB',
  'jit=off',
  'timezone=UTC',
  'log_timezone=UTC',
  'lc_messages=C',
];

/**
 * Starts real PostgreSQL from the npm package; makes the cluster on the first start. A server that a crash of ours left
 * behind on the same data is stopped first. Works as root (drops to another account) and as a normal user.
 * @throws Error naming the port when it is taken, and the log file when the server does not come up
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const { stateDir, readyWithinMs = 60_000 } = options;
  const account = choosePostgresAccount();
  const native = preparePostgresBinaries(account);
  mkdirSync(join(stateDir, 'logs'), { recursive: true });
  const dataDir = choosePostgresFolder(stateDir, account);
  await stopOrphanPostgres(dataDir);
  const password = keepPostgresPassword(stateDir);
  if (!existsSync(join(dataDir, 'PG_VERSION'))) makeCluster({ native, dataDir, account, password });

  const port = options.port ?? (await findFreePort());
  if (!(await isPortFree(port)))
    throw new Error(`Port ${port} for PostgreSQL is taken. Stop what listens there or choose another.`);
  const logFile = join(stateDir, 'logs', 'postgres.log');
  const pidFile = join(stateDir, 'pids', 'postgres.json');
  const flags = [...SETTINGS, ...(options.settings ?? [])].flatMap((setting) => ['-c', setting]);
  const { record, ended } = await launchPostgres({
    command: join(native, 'bin', 'postgres'),
    args: ['-D', dataDir, '-p', String(port), ...flags],
    account,
    dataDir,
    logFile,
    pidFile,
    readyUntil: Date.now() + readyWithinMs,
  });
  return {
    url: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    process: record,
    ended,
    stop: async () => {
      await endProcess(record, { signal: 'SIGINT', graceMs: 30_000 });
      forgetProcess(pidFile);
    },
  };
}
