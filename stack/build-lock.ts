import { linkSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, readProcessRecord, recordProcess } from '../runtime/process-record.ts';

/**
 * Takes the one right to build: a second build at the same time would start programs from the first one's half-written files.
 * Waits for the process that holds it; what a killed one left is taken over.
 * @param file that says who builds
 * @returns lets go of it
 */
export async function holdBuildLock(file: string): Promise<() => void> {
  mkdirSync(dirname(file), { recursive: true });
  const mine = `${file}.${process.pid}`;
  recordProcess(mine, process.pid, 'npm run build');
  try {
    while (!linkIfAbsent(mine, file)) {
      const other = readProcessRecord(file);
      if (other !== null && !isAlive(other)) rmSync(file, { force: true });
      else await delay(50);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return () => rmSync(file, { force: true });
}

/** A link comes whole or not at all, and never over another. */
function linkIfAbsent(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}
