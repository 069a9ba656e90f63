import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endProcess, startOf } from '../process-record.ts';

/** A living server writes its pid file at once after it made it. */
const EMPTY_FOR_MS = 1_000;

/**
 * Stops a PostgreSQL that still runs on `dataDir` because its parent died.
 * A server that was killed leaves its pid file: PostgreSQL itself judges it at the next start, because the file also keeps a
 * new server from the data while a process of the old one still writes. Only when the number in it now belongs to another
 * program, which PostgreSQL could not tell from a server, the file is removed; that program is left alone.
 */
export async function stopOrphanPostgres(dataDir: string): Promise<void> {
  await removeEmptyLock(dataDir);
  const file = join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  const startedAt = Number.isInteger(pid) && pid > 0 ? startOf(pid) : null;
  if (startedAt === null) return;
  if (isPostgresOn(pid, dataDir)) {
    await endProcess({ pid, startedAt, command: 'postgres' }, { signal: 'SIGINT', graceMs: 30_000 });
  } else {
    rmSync(file, { force: true });
  }
}

/**
 * A server that was killed between making its pid file and writing it leaves an empty one, which no later server judges or removes by
 * itself. It had touched no data yet: it had judged the file of its forerunner before, and takes shared memory after.
 */
export async function removeEmptyLock(dataDir: string): Promise<void> {
  const file = join(dataDir, 'postmaster.pid');
  const isEmpty = () => existsSync(file) && statSync(file).size === 0;
  if (!isEmpty()) return;
  await delay(EMPTY_FOR_MS);
  if (isEmpty()) rmSync(file, { force: true });
}

function isPostgresOn(pid: number, dataDir: string): boolean {
  const command = commandOf(pid);
  return command.includes('postgres') && command.includes(dataDir);
}

function commandOf(pid: number): string {
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
