import { isUtf8 } from 'node:buffer';
import { Refusal } from '../intake/result.ts';
import { csvRow } from './csv-row.ts';
import type { ImportKind } from './kind.ts';

/**
 * What one record says, not yet checked by the rules of its kind.
 * @param columns of the header; null: the record is JSON
 * @throws Refusal `malformed`
 */
export function readRow(kind: ImportKind, columns: readonly string[] | null, bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new Refusal('malformed', 'The line is not UTF-8 text.');
  const text = bytes.toString();
  if (columns) return csvRow(kind, columns, text);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Refusal('malformed', 'The line is not JSON.');
  }
}
