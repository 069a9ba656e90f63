import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Journal<Entry> {
  /** On the disk, not only in its cache, when this returns: a `kill -9` or a power cut loses nothing that was answered. */
  append(entry: Entry): void;
  close(): void;
}

/**
 * Opens an append-only file of JSON lines and hands every whole entry to `replay`, oldest first.
 * A last line that a crash cut was never answered, so it is cut off; a broken line before it is a fault of the disk.
 * @throws Error naming file and line when an entry in the middle cannot be read
 */
export function openJournal<Entry>(file: string, replay: (entry: Entry) => void): Journal<Entry> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (existsSync(file)) replayFile(file, replay);
  const descriptor = openSync(file, 'a', 0o600);
  return {
    append(entry) {
      writeSync(descriptor, `${JSON.stringify(entry)}\n`);
      fsyncSync(descriptor);
    },
    close: () => closeSync(descriptor),
  };
}

function replayFile<Entry>(file: string, replay: (entry: Entry) => void): void {
  const content = readFileSync(file);
  const whole = content.lastIndexOf(0x0a) + 1;
  if (whole < content.length) truncateSync(file, whole);
  const lines = content.subarray(0, whole).toString('utf8').split('\n').slice(0, -1);
  for (const [index, line] of lines.entries()) {
    let entry: Entry;
    try {
      entry = JSON.parse(line) as Entry;
    } catch (error) {
      throw new Error(
        `${file}, line ${index + 1}, is no entry of a book. Put it right from a copy, or start with --reset.`,
        {
          cause: error,
        },
      );
    }
    replay(entry);
  }
}
