import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess, startOf } from '../process-record.ts';

/**
 * Stops a PostgreSQL that still runs on `dataDir` because its parent died, and clears the pid file of one that died too.
 * A pid that meanwhile belongs to another program is left alone.
 */
export async function stopOrphanPostgres(dataDir: string): Promise<void> {
  const file = join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  const startedAt = Number.isInteger(pid) && pid > 0 ? startOf(pid) : null;
  if (startedAt !== null && isPostgresOn(pid, dataDir)) {
    await endProcess({ pid, startedAt, command: 'postgres' }, { signal: 'SIGINT', graceMs: 30_000 });
  }
  // PostgreSQL would refuse to start if the number in the file happened to belong to a living process.
  rmSync(file, { force: true });
}

function isPostgresOn(pid: number, dataDir: string): boolean {
  return commandOf(pid).includes('postgres') && commandOf(pid).includes(dataDir);
}

function commandOf(pid: number): string {
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
