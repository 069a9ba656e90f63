import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findFreePort, isPortFree } from '../free-port.ts';
import type { ProcessRecord } from '../process-record.ts';
import { endProcess, isAlive, recordProcess } from '../process-record.ts';
import type { Account } from './postgres-account.ts';
import { choosePostgresAccount } from './postgres-account.ts';
import { preparePostgresBinaries } from './postgres-binaries.ts';
import { stopOrphanPostgres } from './postgres-orphan.ts';
import { choosePostgresFolder } from './postgres-folder.ts';

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
  const password = readPassword(stateDir);
  if (!existsSync(join(dataDir, 'PG_VERSION'))) makeCluster({ native, dataDir, account, password });

  const port = options.port ?? (await findFreePort());
  if (!(await isPortFree(port)))
    throw new Error(`Port ${port} for PostgreSQL is taken. Stop what listens there or choose another.`);
  const logFile = join(stateDir, 'logs', 'postgres.log');
  const flags = [...SETTINGS, ...(options.settings ?? [])].flatMap((setting) => ['-c', setting]);
  const log = openSync(logFile, 'a');
  const child = spawn(join(native, 'bin', 'postgres'), ['-D', dataDir, '-p', String(port), ...flags], {
    ...(account && { uid: account.uid, gid: account.gid }),
    cwd: '/',
    // Its own session: Ctrl-C in the terminal reaches our supervisor, which stops the parts in order.
    detached: true,
    stdio: ['ignore', log, log],
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' },
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  failed.catch(() => undefined);
  if (child.pid === undefined) return failed;
  const record = recordProcess(join(stateDir, 'pids', 'postgres.json'), child.pid, 'postgres');
  child.unref();
  await waitUntilReady({ dataDir, record, logFile, readyWithinMs });
  return {
    url: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    process: record,
    ended,
    stop: () => endProcess(record, { signal: 'SIGINT', graceMs: 30_000 }),
  };
}

function readPassword(stateDir: string): string {
  const file = join(stateDir, 'postgres.password');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const password = randomBytes(24).toString('hex');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
}

function makeCluster(cluster: { native: string; dataDir: string; account: Account; password: string }): void {
  const { native, dataDir, account, password } = cluster;
  // A first start that was cut leaves a half-made cluster without PG_VERSION or with it: initdb wants an empty folder.
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true });
  chmodSync(dataDir, 0o700);
  const passwordFile = `${dataDir}.pw`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account) {
    chownSync(dataDir, account.uid, account.gid);
    chownSync(passwordFile, account.uid, account.gid);
  }
  try {
    const flags = [
      '--auth=scram-sha-256',
      '--username=postgres',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--locale=C.UTF-8',
    ];
    const result = spawnSync(
      join(native, 'bin', 'initdb'),
      ['-D', dataDir, `--pwfile=${passwordFile}`, '--no-instructions', ...flags],
      {
        ...(account && { uid: account.uid, gid: account.gid }),
        cwd: '/',
        env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
        encoding: 'utf8',
      },
    );
    if (result.status !== 0) {
      rmSync(dataDir, { recursive: true, force: true });
      throw new Error(
        `PostgreSQL could not make its data folder ${dataDir}:\n${result.error?.message ?? result.stderr}`,
      );
    }
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** The server writes `ready` into its own pid file once it takes connections; recovery after a crash comes before. */
async function waitUntilReady(wait: {
  dataDir: string;
  record: ProcessRecord;
  logFile: string;
  readyWithinMs: number;
}): Promise<void> {
  const until = Date.now() + wait.readyWithinMs;
  while (!readPidFile(wait.dataDir).includes('\nready')) {
    if (!isAlive(wait.record))
      throw new Error(`PostgreSQL ended while starting. Its last words are in ${wait.logFile}.`);
    if (Date.now() > until) {
      await endProcess(wait.record, { signal: 'SIGINT' });
      throw new Error(`PostgreSQL was not ready within ${wait.readyWithinMs} ms. See ${wait.logFile}.`);
    }
    await delay(25);
  }
}

function readPidFile(dataDir: string): string {
  try {
    return readFileSync(join(dataDir, 'postmaster.pid'), 'utf8');
  } catch {
    return '';
  }
}
