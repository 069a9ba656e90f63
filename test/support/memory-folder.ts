import { mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
const GIB = 2 ** 30;
/** A whole run writes less; what is in memory is missing elsewhere, so there must be plenty. */
const ROOM_BYTES = 4 * GIB;
const AVAILABLE_BYTES = 8 * GIB;

/**
 * A new folder for the data of a database that a test starts, in memory where there is room. Each test file has a database of its own, a thousand
 * small files made and removed again: on a disk that is half of the processor time of a short file, and waiting on top.
 * `kill -9` of a process loses nothing of either. Remove the folder at the end.
 */
export function makeMemoryFolder(prefix: string): string {
  return mkdtempSync(join(hasRoom() ? MEMORY : tmpdir(), prefix));
}

/** Where such folders may lie, left behind by runs that were killed. */
export function memoryFolderRoots(): string[] {
  return freeBytes() === null ? [tmpdir()] : [tmpdir(), MEMORY];
}

function hasRoom(): boolean {
  return (freeBytes() ?? 0) >= ROOM_BYTES && process.availableMemory() >= AVAILABLE_BYTES;
}

/** null: this system has no such place. */
function freeBytes(): number | null {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize;
  } catch {
    return null;
  }
}
