import { isUtf8 } from 'node:buffer';
import { Refusal } from '../intake/result.ts';
import { csvRow } from './csv-row.ts';
import type { ImportKind } from './kind.ts';

const BEYOND_ASCII = /[\x80-\xff]/;

/**
 * What one record says, not yet checked by the rules of its kind.
 * @param columns of the header; null: the record is JSON
 * @throws Refusal `malformed`
 */
export function readRow(kind: ImportKind, columns: readonly string[] | null, text: string): unknown {
  if (columns) return csvRow(kind, columns, text);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Refusal('malformed', 'The line is not JSON.');
  }
}

/** The text of a record. @throws Refusal `malformed` */
export function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new Refusal('malformed', 'The line is not UTF-8 text.');
  return bytes.toString();
}

/** The text of records that lie in one chunk: a piece of the chunk's own, as long as it is ASCII. */
export class ChunkText {
  /** A letter for each byte. */
  readonly latin1: string;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.latin1 = bytes.toString('latin1');
  }

  /** @throws Refusal `malformed` */
  textOf({ from, to }: { from: number; to: number }): string {
    const text = this.latin1.slice(from, to);
    return BEYOND_ASCII.test(text) ? textOf(this.#bytes.subarray(from, to)) : text;
  }
}
