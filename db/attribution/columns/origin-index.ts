import { ByteDictionary } from './byte-dictionary.ts';
import type { BinaryRow } from './binary-rows.ts';

/** Content and sub-id of a touchpoint, as its credit names them. */
export interface Origin {
  contentId: string | null;
  subId: string | null;
}

/** Numbers for what touchpoints name as their content and sub-id. */
export class OriginIndex {
  readonly origins: Origin[] = [];
  readonly #dictionary = new ByteDictionary();

  /** The number of what two fields in a row from `field` on say. */
  noteRow(row: BinaryRow, field: number): number {
    const to = row.from[field + 1]! + Math.max(0, row.length[field + 1]!);
    const known = this.#dictionary.size;
    const origin = this.#dictionary.indexOf(row.bytes, row.from[field]! - 4, to);
    if (origin === known) this.origins.push({ contentId: row.text(field), subId: row.text(field + 1) });
    return origin;
  }
}
