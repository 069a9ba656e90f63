import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess, startOf } from '../process-record.ts';

/**
 * Stops a PostgreSQL that still runs on `dataDir` because its parent died.
 * A server that was killed leaves its pid file: PostgreSQL itself judges it at the next start, because the file also keeps a
 * new server from the data while a process of the old one still writes. Only when the number in it now belongs to another
 * program, which PostgreSQL could not tell from a server, the file is removed; that program is left alone.
 */
export async function stopOrphanPostgres(dataDir: string): Promise<void> {
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
