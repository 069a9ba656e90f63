import { Refusal } from '../intake/result.ts';
import { readHeaderOf } from './header.ts';
import type { ImportKind } from './kind.ts';
import type { ImportRecord, LineFault } from './record.ts';

/** The first bytes of files that are no text, by the name of what packs them. */
const PACKED: readonly [name: string, start: string][] = [
  ['gzip', '1f8b08'],
  ['zip', '504b03'],
  ['zstd', '28b52f'],
  ['xz', 'fd377a'],
];

/** What packs a file, by its first three bytes; null for text. */
export function compressionFault(start: Buffer): LineFault | null {
  const packed = PACKED.find(([, first]) => start.toString('hex') === first);
  return packed
    ? { code: 'compressed', detail: `The file is compressed with ${packed[0]}. Send it unpacked, as text.` }
    : null;
}

/** The columns that the first line of a CSV of this kind names, or what is wrong with it. */
export function readHeaderLine(kind: ImportKind, { bytes, fault }: ImportRecord): { columns: string[] } | LineFault {
  if (fault) return { code: 'header', detail: fault.detail };
  try {
    return { columns: readHeaderOf(kind, bytes.toString()) };
  } catch (error) {
    return faultOf(error);
  }
}

/** A refusal as the fault of its line. */
export function faultOf(error: unknown): LineFault {
  if (!(error instanceof Refusal)) throw error;
  return { code: error.code, detail: error.message };
}
