import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { startOf } from '../../runtime/process-record.ts';
import { SEGMENT } from './journal.ts';

const OWNER = /^owner-(\d{9})\.json$/;
const PLACE = /^p\d+$/;
/** API processes beside each other on one folder; a further one is refused. */
const MOST_PLACES = 64;
/** Of another machine or container nobody can tell whether it lives: its owner's file is touched while it does. */
const LEASE_MS = 60_000;

interface Owner {
  host: string;
  pid: number;
  startedAt: string;
}

/**
 * A folder of journal segments that belongs to this process alone, as long as it lives. Owners are numbered files: the highest number owns, and
 * a number can be taken by one only, so of two that find a dead owner one follows it.
 */
export class JournalFolder {
  readonly path: string;
  readonly #file: string;

  private constructor(path: string, file: string) {
    this.path = path;
    this.#file = file;
  }

  /**
   * Takes `base`, or the first place in it that no living process has.
   * @throws Error when all places are taken, or the folder cannot be made
   */
  static claim(base: string): JournalFolder {
    const places = Array.from({ length: MOST_PLACES }, (_, index) =>
      index === 0 ? base : join(base, `p${index + 1}`),
    );
    for (const place of places) {
      const claimed = JournalFolder.#take(place);
      if (claimed) return claimed;
    }
    throw new Error(
      `${base} holds the click journals of ${MOST_PLACES} API processes that live. Set TANDEM_DATA_DIR to a folder of this process's own.`,
    );
  }

  static #take(path: string): JournalFolder | undefined {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const last = lastOwner(path);
    if (last && isAlive(join(path, last.name), last.owner)) return undefined;
    const no = (last?.no ?? 0) + 1;
    const name = `owner-${String(no).padStart(9, '0')}.json`;
    const me: Owner = { host: hostname(), pid: process.pid, startedAt: startOf(process.pid) ?? '' };
    try {
      writeFileSync(join(path, name), JSON.stringify(me), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return undefined;
    }
    if (lastOwner(path)?.no !== no) {
      rmSync(join(path, name), { force: true });
      return undefined;
    }
    for (const older of ownersIn(path)) if (older.no < no) rmSync(join(path, older.name), { force: true });
    return new JournalFolder(path, join(path, name));
  }

  /** Says to others that this process lives. @returns false when another one has taken the folder, because this one was away too long */
  keep(): boolean {
    if (lastOwner(this.path)?.name !== basename(this.#file)) return false;
    utimesSync(this.#file, new Date(), new Date());
    return true;
  }

  /**
   * Moves the segments of processes that have died into this folder, of every journal beside it.
   * @returns how many segments were moved
   */
  adopt(): number {
    let moved = 0;
    for (const path of journalFolders(dataDirOf(this.path))) {
      if (path === this.path || segmentsIn(path).length === 0) continue;
      const dead = JournalFolder.#take(path);
      if (!dead) continue;
      for (const name of segmentsIn(path)) {
        renameSync(join(path, name), join(this.path, freeName(this.path, name)));
        moved += 1;
      }
      dead.release();
    }
    return moved;
  }

  release(): void {
    rmSync(this.#file, { force: true });
  }
}

/** Every folder of click journals in a data folder, whether its process lives or not. */
export function journalFolders(dataDir: string): string[] {
  return foldersIn(dataDir, /^clicks-/).flatMap((base) => [base, ...foldersIn(base, PLACE)]);
}

/** Names of the segments in a folder, oldest first. */
export function segmentsIn(path: string): string[] {
  return readdirSync(path)
    .filter((name) => SEGMENT.test(name))
    .sort();
}

/** Whether a process that lives has the folder. */
export function hasLivingOwner(path: string): boolean {
  const last = lastOwner(path);
  return last !== undefined && isAlive(join(path, last.name), last.owner);
}

function dataDirOf(path: string): string {
  return PLACE.test(basename(path)) ? dirname(dirname(path)) : dirname(path);
}

function foldersIn(path: string, name: RegExp): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && name.test(entry.name))
      .map((entry) => join(path, entry.name))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function ownersIn(path: string): { no: number; name: string }[] {
  return readdirSync(path).flatMap((name) => {
    const no = OWNER.exec(name)?.[1];
    return no === undefined ? [] : [{ no: Number(no), name }];
  });
}

function lastOwner(path: string): { no: number; name: string; owner: Owner | null } | undefined {
  const last = ownersIn(path).toSorted((a, b) => b.no - a.no)[0];
  return last && { ...last, owner: readOwner(join(path, last.name)) };
}

/** Null for a file that is being written, or was cut short by a crash. */
function readOwner(file: string): Owner | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Owner;
  } catch {
    return null;
  }
}

function isAlive(file: string, owner: Owner | null): boolean {
  if (owner?.host === hostname()) return startOf(owner.pid) === owner.startedAt;
  try {
    return Date.now() - statSync(file).mtimeMs < LEASE_MS;
  } catch {
    return false;
  }
}

/** Two processes that started in one millisecond may have named a segment alike. */
function freeName(path: string, name: string): string {
  const taken = new Set(readdirSync(path));
  let free = name;
  for (let no = 999_999_999; taken.has(free); no -= 1) free = `${name.slice(0, 13)}-${no}.jsonl`;
  return free;
}
