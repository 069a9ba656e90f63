import { LONGEST_LINE_BYTES } from './record.ts';
import type { ImportRecord, LineFault } from './record.ts';
import { BROKEN, MORE, RecordScan } from './record-scan.ts';

const LF = 10;
const CR = 13;
const QUOTE = 34;

const NOTHING: Buffer = Buffer.alloc(0);
const TOO_LONG = { code: 'too-long', detail: `Give at most ${LONGEST_LINE_BYTES} bytes in one line.` };
const BAD_QUOTE = {
  code: 'malformed',
  detail: 'A quote is not closed, or stands inside a cell. Write it twice inside a quoted cell.',
};

/**
 * Cuts a stream into records in flat memory: lines, and for CSV also lines that a quoted cell holds together (RFC 4180). A record that is too
 * long is one fault, however many lines it holds; where quotes are wrong, their line alone is at fault, and reading goes on with the line after
 * it. Empty lines are left out.
 *
 * Whether a long record's quote is closed is known at its end alone, which may be the file's. Until then its lines are given as if it were not,
 * behind a record that says so (`doubt: 'opens'`); if it is, one record takes the place of all of them (`doubt: 'replaces'`). Meanwhile no second
 * doubt arises: each line holds an even number of quotes, as long as the long record's quote stays open, and so ends by itself.
 */
export class RecordSplitter {
  readonly #isCsv: boolean;
  #rest = NOTHING;
  #line = 1;
  #isBegun = false;
  #isSkipping = false;
  #start = NOTHING;
  #doubt: { scan: RecordScan; line: number } | null = null;

  constructor(format: 'csv' | 'ndjson') {
    this.#isCsv = format === 'csv';
  }

  /** The first three bytes of the stream; empty until they are there. */
  get start(): Buffer {
    return this.#start;
  }

  /** Records that are complete with these bytes. */
  push(bytes: Buffer): ImportRecord[] {
    const fresh = this.#rest.length;
    this.#rest = fresh === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    return this.#drain(false, fresh);
  }

  /** The record behind the last line break, if there is one. */
  end(): ImportRecord[] {
    return this.#drain(true, this.#rest.length);
  }

  #drain(isLast: boolean, fresh: number): ImportRecord[] {
    if (!this.#isBegun) {
      if (this.#rest.length < 3 && !isLast) return [];
      this.#isBegun = true;
      this.#start = Buffer.from(this.#rest.subarray(0, 3));
      if (this.#rest.subarray(0, 3).toString('hex') === 'efbbbf') this.#rest = this.#rest.subarray(3);
    }
    const records: ImportRecord[] = [];
    const buffer = this.#rest;
    let from = this.#doubt ? this.#resolve(buffer, fresh, isLast, records) : 0;
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
    const stop = lineEnd === -1 ? buffer.length : lineEnd;
    const isLong = buffer.length - from > LONGEST_LINE_BYTES;
    let end = lineEnd === -1 && !isLast ? MORE : stop;
    if (this.#isCsv && ((end === MORE && isLong) || buffer.subarray(from, stop).includes(QUOTE))) {
      const scan = new RecordScan();
      end = scan.feed(buffer, from);
      if (end === MORE && isLast) end = scan.isWhole ? buffer.length : BROKEN;
      if (end === MORE && isLong) this.#doubt ??= { scan, line: this.#line };
    }
    if (end >= 0 && end - from <= LONGEST_LINE_BYTES) return this.#take(buffer, from, end, records);
    if (end >= 0) {
      records.push({ line: this.#line, bytes: NOTHING, fault: this.#tooLong(buffer, from, end) });
      return this.#passAll(buffer, from, end);
    }
    if (!isLong && (end === MORE || (lineEnd === -1 && !isLast))) return MORE;
    // The line alone is at fault, or seems to be: what its quote would swallow stands.
    const fault = stop - from > LONGEST_LINE_BYTES ? TOO_LONG : BAD_QUOTE;
    const opens = this.#doubt?.line === this.#line && ({ doubt: 'opens' } as const);
    records.push({ line: this.#line, bytes: NOTHING, fault, ...opens });
    if (lineEnd !== -1) return this.#pass(lineEnd);
    this.#isSkipping = true;
    return buffer.length;
  }

  /** Follows the long record through the bytes that came. @returns where to read on: behind it, or with the lines that are left */
  #resolve(buffer: Buffer, fresh: number, isLast: boolean, records: ImportRecord[]): number {
    const { scan, line } = this.#doubt!;
    let end = scan.feed(buffer, fresh);
    if (end === MORE && isLast) end = scan.isWhole ? buffer.length : BROKEN;
    if (end === MORE) return 0;
    this.#doubt = null;
    if (end === BROKEN) return 0;
    this.#isSkipping = false;
    const fault = this.#tooLong(buffer, 0, end, line);
    records.push({ line, bytes: NOTHING, fault, doubt: 'replaces' });
    return this.#passAll(buffer, 0, end);
  }

  #tooLong(buffer: Buffer, from: number, end: number, line = this.#line): LineFault {
    const last = this.#line + breaksWithin(buffer, from, end);
    if (last === line) return TOO_LONG;
    const detail = `A quoted cell holds lines ${line} to ${last} together; give at most ${LONGEST_LINE_BYTES} bytes in one row.`;
    return { code: TOO_LONG.code, detail };
  }

  #pass(lineEnd: number): number {
    this.#line += 1;
    return lineEnd + 1;
  }

  #passAll(buffer: Buffer, from: number, end: number): number {
    this.#line += breaksWithin(buffer, from, end);
    return this.#pass(end);
  }

  #take(buffer: Buffer, from: number, end: number, records: ImportRecord[]): number {
    const bytes = buffer.subarray(from, end > from && buffer[end - 1] === CR ? end - 1 : end);
    if (bytes.length > 0) records.push({ line: this.#line, bytes });
    return this.#passAll(buffer, from, end);
  }
}

/** How many lines a record holds beside its last. */
function breaksWithin(buffer: Buffer, from: number, end: number): number {
  let breaks = 0;
  for (let at = buffer.indexOf(LF, from); at !== -1 && at < end; at = buffer.indexOf(LF, at + 1)) breaks += 1;
  return breaks;
}
