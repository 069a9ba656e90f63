import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stopOrphanPostgres } from '../runtime/embedded/postgres-orphan.ts';
import { findCluster, removePostgresFolder } from '../runtime/embedded/postgres-folder.ts';
import { endProcess, forgetProcess, isAlive, readProcessRecord, recordProcess } from '../runtime/process-record.ts';

export interface StateFolder {
  dir: string;
  /** Lets go of the folder; call it last. */
  release(): void;
}

/**
 * Takes the state folder for this process and clears what a crash left running in it.
 * @param reset removes everything that an earlier start kept: database, histories, mails, the provider's book, keys
 * @throws Error naming the process that already uses it
 */
export async function claimStateFolder(
  path: string,
  { reset, say }: { reset: boolean; say: (line: string) => void },
): Promise<StateFolder> {
  const dir = resolve(path);
  const pidFile = join(dir, 'pids', 'supervisor.json');
  const other = readProcessRecord(pidFile);
  if (other !== null && isAlive(other)) {
    throw new Error(
      `Tandem already runs on ${dir} (process ${other.pid}). Stop that one first, or give this one a folder of its own by --state.`,
    );
  }
  mkdirSync(join(dir, 'pids'), { recursive: true });
  recordProcess(pidFile, process.pid, 'npm start');
  await clearLeftovers(dir, say);
  if (reset) removeState(dir);
  mkdirSync(join(dir, 'logs'), { recursive: true });
  return { dir, release: () => forgetProcess(pidFile) };
}

/** Ours end by themselves when the supervisor is gone; the servers do not. Programs first, the database last. */
async function clearLeftovers(dir: string, say: (line: string) => void): Promise<void> {
  const files = readdirSync(join(dir, 'pids')).filter((name) => name.endsWith('.json'));
  for (const file of files.filter((name) => name !== 'supervisor.json' && name !== 'postgres.json')) {
    const path = join(dir, 'pids', file);
    const record = readProcessRecord(path);
    if (record !== null && isAlive(record)) {
      say(`Stopping ${record.command} (process ${record.pid}), which an earlier start left behind`);
      await endProcess(record, { graceMs: 5_000 });
    }
    forgetProcess(path);
  }
  const cluster = findCluster(dir);
  if (cluster !== null) await stopOrphanPostgres(cluster);
  forgetProcess(join(dir, 'pids', 'postgres.json'));
}

function removeState(dir: string): void {
  removePostgresFolder(dir);
  const kept = new Set(['pids', 'logs']);
  for (const name of existsSync(dir) ? readdirSync(dir) : []) {
    if (!kept.has(name)) rmSync(join(dir, name), { recursive: true, force: true });
  }
}
