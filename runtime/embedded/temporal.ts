import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findFreePort, isPortFree } from '../free-port.ts';
import type { ProcessRecord } from '../process-record.ts';
import { endProcess, forgetProcess, isAlive, readProcessRecord, recordProcess } from '../process-record.ts';

export interface EmbeddedTemporal {
  /** `host:port` of the gRPC service, as TEMPORAL_ADDRESS. */
  address: string;
  /** Where a browser sees the histories; absent when started without a UI. */
  uiUrl?: string;
  namespace: string;
  process: ProcessRecord;
  /** Resolves when the server has ended, whoever ended it. */
  ended: Promise<void>;
  /** Resolves when the server is gone; the database file stays. */
  stop(): Promise<void>;
}

export interface TemporalOptions {
  binary: string;
  /** The database lies in `<stateDir>/temporal/temporal.db`, the log in `<stateDir>/logs/temporal.log`. */
  stateDir: string;
  /** Any free port when absent. */
  port?: number;
  /** `false` starts no web UI; absent means any free port. */
  uiPort?: number | false;
  namespace?: string;
  readyWithinMs?: number;
}

/** For operators in Temporal's own UI only: screens read Postgres (architecture.md §3). */
export const SEARCH_ATTRIBUTES = ['ProgramId', 'PartnerId', 'Stage', 'WaitingFor'];

/**
 * Starts Temporal's dev server with a database file. WAL with `synchronous=NORMAL` starts four times as many workflows
 * a second as the default journal, and a `kill -9` lost none of them (measured; OFF is no faster).
 * A server that a crash of ours left on the same state is stopped first.
 * @throws Error naming the port when it is taken, and the log file when the server does not come up
 */
export async function startTemporal(options: TemporalOptions): Promise<EmbeddedTemporal> {
  const { binary, stateDir, namespace = 'default', readyWithinMs = 30_000 } = options;
  const pidFile = join(stateDir, 'pids', 'temporal.json');
  const orphan = readProcessRecord(pidFile);
  if (orphan !== null) await endProcess(orphan);

  const port = await choosePort(options.port);
  const uiPort = options.uiPort === false ? null : await choosePort(options.uiPort);
  mkdirSync(join(stateDir, 'logs'), { recursive: true });
  mkdirSync(join(stateDir, 'temporal'), { recursive: true });
  const flags = [
    ...['--ip', '127.0.0.1', '--port', String(port), '--namespace', namespace],
    ...(uiPort === null ? ['--headless'] : ['--ui-ip', '127.0.0.1', '--ui-port', String(uiPort)]),
    ...['--db-filename', join(stateDir, 'temporal', 'temporal.db')],
    ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
    ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ...['--log-level', 'error', '--disable-config-file', '--disable-config-env'],
  ];
  const logFile = join(stateDir, 'logs', 'temporal.log');
  const log = openSync(logFile, 'a');
  const child = spawn(binary, ['server', 'start-dev', ...flags], {
    cwd: stateDir,
    // Its own session: Ctrl-C in the terminal reaches our supervisor, which stops the parts in order.
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: '/usr/bin:/bin', HOME: stateDir, GOGC: '50' },
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  failed.catch(() => undefined);
  if (child.pid === undefined) return failed;
  const record = recordProcess(pidFile, child.pid, 'temporal');
  child.unref();
  await waitUntilReady({ port, record, logFile, readyWithinMs });
  return {
    address: `127.0.0.1:${port}`,
    ...(uiPort !== null && { uiUrl: `http://127.0.0.1:${uiPort}` }),
    namespace,
    process: record,
    ended,
    stop: async () => {
      await endProcess(record);
      forgetProcess(pidFile);
    },
  };
}

async function choosePort(wanted: number | undefined): Promise<number> {
  if (wanted === undefined) return findFreePort();
  if (await isPortFree(wanted)) return wanted;
  throw new Error(`Port ${wanted} for Temporal is taken. Stop what listens there or choose another.`);
}

/** The dev server listens only once namespace and schema are in place, so an open port means ready. */
async function waitUntilReady(wait: {
  port: number;
  record: ProcessRecord;
  logFile: string;
  readyWithinMs: number;
}): Promise<void> {
  const until = Date.now() + wait.readyWithinMs;
  while (!(await isOpen(wait.port))) {
    if (!isAlive(wait.record)) throw new Error(`Temporal ended while starting. Its last words are in ${wait.logFile}.`);
    if (Date.now() > until) {
      await endProcess(wait.record);
      throw new Error(`Temporal was not ready within ${wait.readyWithinMs} ms. See ${wait.logFile}.`);
    }
    await delay(25);
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
