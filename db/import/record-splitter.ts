import { LONGEST_LINE_BYTES } from './record.ts';
import type { ImportRecord } from './record.ts';

const LF = 10;
const CR = 13;
const QUOTE = 34;
const COMMA = 44;
const MORE = -1;
const BROKEN = -2;

const NOTHING: Buffer = Buffer.alloc(0);
const TOO_LONG = { code: 'too-long', detail: `Give at most ${LONGEST_LINE_BYTES} bytes in one line.` };
const BAD_QUOTE = {
  code: 'malformed',
  detail: 'A quote is not closed, or stands inside a cell. Write it twice inside a quoted cell.',
};

/**
 * Cuts a stream into records in flat memory: lines, and for CSV also lines that a quoted cell holds together (RFC 4180). A line that is too
 * long or whose quotes are wrong is a fault of that line alone: reading goes on with the line after it. Empty lines are left out.
 */
export class RecordSplitter {
  readonly #isCsv: boolean;
  #rest = NOTHING;
  #line = 1;
  #isBegun = false;
  #isSkipping = false;
  #start = NOTHING;

  constructor(format: 'csv' | 'ndjson') {
    this.#isCsv = format === 'csv';
  }

  /** The first three bytes of the stream; empty until they are there. */
  get start(): Buffer {
    return this.#start;
  }

  /** Records that are complete with these bytes. */
  push(bytes: Buffer): ImportRecord[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    return this.#drain(false);
  }

  /** The record behind the last line break, if there is one. */
  end(): ImportRecord[] {
    return this.#drain(true);
  }

  #drain(isLast: boolean): ImportRecord[] {
    if (!this.#isBegun) {
      if (this.#rest.length < 3 && !isLast) return [];
      this.#isBegun = true;
      this.#start = Buffer.from(this.#rest.subarray(0, 3));
      if (this.#rest.subarray(0, 3).toString('hex') === 'efbbbf') this.#rest = this.#rest.subarray(3);
    }
    const records: ImportRecord[] = [];
    const buffer = this.#rest;
    let from = 0;
    while (from < buffer.length) {
      const next = this.#step(buffer, from, isLast, records);
      if (next === MORE) break;
      from = next;
    }
    this.#rest = buffer.subarray(from);
    return records;
  }

  /** Takes one record or one faulty line. @returns where the next one begins, or MORE */
  #step(buffer: Buffer, from: number, isLast: boolean, records: ImportRecord[]): number {
    const lineEnd = buffer.indexOf(LF, from);
    if (this.#isSkipping) {
      if (lineEnd === -1) return buffer.length;
      this.#isSkipping = false;
      return this.#pass(lineEnd);
    }
    const end = this.#isCsv
      ? csvEnd(buffer, from, lineEnd, isLast)
      : lineEnd === -1 && isLast
        ? buffer.length
        : lineEnd;
    if (end >= 0 && end - from <= LONGEST_LINE_BYTES) return this.#take(buffer, from, end, records);
    const isTooLong = buffer.length - from > LONGEST_LINE_BYTES;
    if (end === MORE && !isTooLong) return MORE;
    if (lineEnd === -1) {
      if (!isTooLong && !isLast) return MORE;
      records.push({ line: this.#line, bytes: NOTHING, fault: isTooLong ? TOO_LONG : BAD_QUOTE });
      this.#isSkipping = true;
      return buffer.length;
    }
    // The line alone is at fault: what its quote would have swallowed stands.
    const isLineTooLong = lineEnd - from > LONGEST_LINE_BYTES;
    records.push({ line: this.#line, bytes: NOTHING, fault: isLineTooLong ? TOO_LONG : BAD_QUOTE });
    return this.#pass(lineEnd);
  }

  #pass(lineEnd: number): number {
    this.#line += 1;
    return lineEnd + 1;
  }

  #take(buffer: Buffer, from: number, end: number, records: ImportRecord[]): number {
    const bytes = buffer.subarray(from, end > from && buffer[end - 1] === CR ? end - 1 : end);
    if (bytes.length > 0) records.push({ line: this.#line, bytes });
    for (let at = buffer.indexOf(LF, from); at !== -1 && at < end; at = buffer.indexOf(LF, at + 1)) this.#line += 1;
    return this.#pass(end);
  }
}

/** Where a CSV record ends (its line break, or the end of the last), MORE, or BROKEN for quotes that cannot be. */
function csvEnd(buffer: Buffer, from: number, lineEnd: number, isLast: boolean): number {
  const stop = lineEnd === -1 ? buffer.length : lineEnd;
  const quote = buffer.subarray(from, stop).indexOf(QUOTE);
  if (quote === -1) return lineEnd === -1 && !isLast ? MORE : stop;
  let isOpen = false;
  for (let at = from; at < buffer.length; at += 1) {
    const byte = buffer[at];
    if (!isOpen && byte === LF) return at;
    if (byte !== QUOTE) continue;
    if (!isOpen) {
      if (at !== from && buffer[at - 1] !== COMMA) return BROKEN;
      isOpen = true;
    } else if (buffer[at + 1] === QUOTE) at += 1;
    else if (at + 1 === buffer.length) return isLast ? buffer.length : MORE;
    else if (!isAfterCell(buffer, at + 1, isLast)) return BROKEN;
    else isOpen = false;
  }
  if (!isLast) return MORE;
  return isOpen ? BROKEN : buffer.length;
}

function isAfterCell(buffer: Buffer, at: number, isLast: boolean): boolean {
  const byte = buffer[at];
  if (byte === COMMA || byte === LF) return true;
  return byte === CR && (at + 1 === buffer.length || buffer[at + 1] === LF || (isLast && at + 1 >= buffer.length));
}
