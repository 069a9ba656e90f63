import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

const schema = z.object({ pid: z.int().positive(), startedAt: z.string().min(1), command: z.string() });

/** One process as we wrote it down. `startedAt` tells it from a later process that got the same pid. */
export type ProcessRecord = z.infer<typeof schema>;

/**
 * The moment a process started, in the words of the operating system (opaque; only equality counts),
 * or `null` when no such process lives. A zombie counts as dead.
 */
export function startOf(pid: number): string | null {
  if (existsSync('/proc/self/stat')) return startFromProc(pid);
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return line === '' || line.startsWith('Z') ? null : line.replace(/^\S+\s+/, '');
  } catch {
    return null;
  }
}

function startFromProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command in parentheses may hold spaces and parentheses: fields are counted from the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie whose other threads still end holds its ports and locks until the last one is gone.
    const isEnded = fields[0] === 'X' || (fields[0] === 'Z' && readdirSync(`/proc/${pid}/task`).length <= 1);
    if (isEnded) return null;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${fields[19]}`;
  } catch {
    return null;
  }
}

/** Writes down a process that lives now, whole or not at all (rename). Throws if it has already ended. */
export function recordProcess(file: string, pid: number, command: string): ProcessRecord {
  const startedAt = startOf(pid);
  if (startedAt === null) throw new Error(`Process ${pid} (${command}) ended before it could be written down.`);
  const record: ProcessRecord = { pid, startedAt, command };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return record;
}

/** Reads a record; `null` when there is none or it cannot be read (a half-written file names nobody). */
export function readProcessRecord(file: string): ProcessRecord | null {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

export function forgetProcess(file: string): void {
  rmSync(file, { force: true });
}

/** True only if the very process that was written down still lives: a recycled pid is somebody else. */
export function isAlive(record: ProcessRecord): boolean {
  return startOf(record.pid) === record.startedAt;
}

/**
 * Ends the process that was written down: first `signal`, then SIGKILL after `graceMs`.
 * Never touches a process that merely has the same pid. Resolves when it is gone.
 */
export async function endProcess(
  record: ProcessRecord,
  { signal = 'SIGTERM', graceMs = 10_000 }: { signal?: NodeJS.Signals; graceMs?: number } = {},
): Promise<void> {
  send(record, signal);
  const killAt = Date.now() + graceMs;
  let isKilled = false;
  while (isAlive(record)) {
    if (!isKilled && Date.now() >= killAt) {
      send(record, 'SIGKILL');
      isKilled = true;
    }
    await delay(20);
  }
}

function send(record: ProcessRecord, signal: NodeJS.Signals): void {
  if (!isAlive(record)) return;
  try {
    process.kill(record.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
