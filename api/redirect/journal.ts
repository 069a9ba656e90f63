import { createReadStream, mkdirSync, openSync, closeSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The name of a segment: when its process started, and its number in it. */
export const SEGMENT = /^\d{13}-\d{9}\.jsonl$/;

/**
 * An append-only journal of lines in segments of one folder, which belongs to one process at a time. A line that was appended is with the
 * operating system before the promise settles: the process may be killed after it. A power cut may cost the last moments.
 */
export class Journal {
  readonly #folder: string;
  readonly #started = String(Date.now()).padStart(13, '0');
  #number = 0;
  #open: { name: string; fd: number } | undefined;
  #turn: { lines: string[]; written: Promise<void> } | undefined;

  /** @throws Error when the folder cannot be made */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#folder = folder;
  }

  /** Appends a line together with the others of this turn of the event loop. @throws Error of the file system, for instance a full disk */
  append(line: string): Promise<void> {
    if (this.#turn) {
      this.#turn.lines.push(line);
      return this.#turn.written;
    }
    const lines = [line];
    const written = new Promise<void>((resolve, reject) => {
      setImmediate(() => {
        this.#turn = undefined;
        try {
          this.#write(Buffer.from(`${lines.join('\n')}\n`));
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
    this.#turn = { lines, written };
    return written;
  }

  /** Ends the segment that is being written and names all that are there, oldest first; also those of a process that was killed. */
  rotate(): string[] {
    if (this.#open) closeSync(this.#open.fd);
    this.#open = undefined;
    return readdirSync(this.#folder)
      .filter((name) => SEGMENT.test(name))
      .sort();
  }

  /** The lines of an ended segment, at most `size` at a time: a backlog of hours needs no memory. */
  async *read(name: string, size: number): AsyncGenerator<string[]> {
    let lines: string[] = [];
    let text = '';
    for await (const part of createReadStream(join(this.#folder, name), 'utf8')) {
      const ended = (text + part).split('\n');
      text = ended.pop()!;
      for (const line of ended) {
        if (line !== '') lines.push(line);
        if (lines.length < size) continue;
        yield lines;
        lines = [];
      }
    }
    // What a crash cut short was never answered; a line that lacks its end alone is whole.
    if (isJson(text)) lines.push(text);
    if (lines.length > 0) yield lines;
  }

  /** How many lines an ended segment has. */
  async count(name: string): Promise<number> {
    let lines = 0;
    for await (const found of this.read(name, 1_000)) lines += found.length;
    return lines;
  }

  /** Whether this process wrote the segment. */
  isOwn(name: string): boolean {
    return name.startsWith(this.#started);
  }

  delete(name: string): void {
    rmSync(join(this.#folder, name), { force: true });
  }

  #write(bytes: Buffer): void {
    this.#open ??= this.#create();
    for (let offset = 0; offset < bytes.length;) {
      try {
        offset += writeSync(this.#open.fd, bytes, offset);
      } catch (error) {
        // What was written of a line must not run into the next one.
        this.rotate();
        throw error;
      }
    }
  }

  #create() {
    const name = `${this.#started}-${String((this.#number += 1)).padStart(9, '0')}.jsonl`;
    return { name, fd: openSync(join(this.#folder, name), 'a', 0o600) };
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
