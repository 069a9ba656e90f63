import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessRecord } from '../process-record.ts';
import { endProcess, isAlive, recordProcess, startOf } from '../process-record.ts';
import type { Account } from './postgres-account.ts';
import { removeEmptyLock } from './postgres-orphan.ts';

export interface Launch {
  command: string;
  args: string[];
  account: Account;
  dataDir: string;
  logFile: string;
  pidFile: string;
  /** Milliseconds since the epoch. */
  readyUntil: number;
}

/**
 * Starts the server and resolves when it takes connections.
 * After a `kill -9` a process of the old server may still hold the data for a moment, and the new one ends at once:
 * then it is started again, until the time is up.
 * @throws Error with the server's last words
 */
export async function launchPostgres(launch: Launch): Promise<{ record: ProcessRecord; ended: Promise<void> }> {
  for (;;) {
    const from = existsSync(launch.logFile) ? statSync(launch.logFile).size : 0;
    const server = await spawnServer(launch);
    if (server !== null && (await isReady(launch, server.record))) return server;
    const words = readFileSync(launch.logFile, 'utf8').slice(from);
    const isHeld = words.includes('shared memory block') || words.includes('lock file "postmaster.pid"');
    if (!isHeld || Date.now() > launch.readyUntil) {
      throw new Error(`PostgreSQL ended while starting. Its last words, in ${launch.logFile}:\n${words.slice(-1000)}`);
    }
    await delay(200);
    await removeEmptyLock(launch.dataDir);
  }
}

/** `null` when the server ended at once, as it does while the data are held. */
async function spawnServer(launch: Launch): Promise<{ record: ProcessRecord; ended: Promise<void> } | null> {
  const { account } = launch;
  const log = openSync(launch.logFile, 'a');
  const child = spawn(launch.command, launch.args, {
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
  child.unref();
  try {
    return { record: recordProcess(launch.pidFile, child.pid, 'postgres'), ended };
  } catch (error) {
    if (startOf(child.pid) === null) return null;
    throw error;
  }
}

/** The server writes `ready` below its own number once it takes connections; recovery after a crash comes before. */
async function isReady(launch: Launch, record: ProcessRecord): Promise<boolean> {
  for (;;) {
    const lines = readPidFile(launch.dataDir).split('\n');
    if (lines[0] === String(record.pid) && lines[7]?.startsWith('ready')) return true;
    if (!isAlive(record)) return false;
    if (Date.now() > launch.readyUntil) {
      await endProcess(record, { signal: 'SIGINT' });
      throw new Error(`PostgreSQL was not ready in time. See ${launch.logFile}.`);
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
