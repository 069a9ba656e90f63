import { decimalText } from '../domain/money/format.ts';
import type { Money } from '../domain/money/money.ts';

/** One cell: text that a person typed, or a figure of ours. An amount is written in whole units with the places of its currency. */
export type Cell = string | number | Money | null;

/** What is not seen may stand before a formula, and some spreadsheets read full-width signs as one. */
const FORMULA = /^[\s\0\u200B-\u200D\u2060\uFEFF]*[=+\-@\t\r＝＋－＠]/;
/** A formula in the cell that begins within this one where a semicolon or a tab separates. */
const FORMULA_WITHIN = /([;\t][\s\0\u200B-\u200D\u2060\uFEFF]*)(?=[=+\-@＝＋－＠])/g;

/**
 * Writes RFC 4180 CSV. Text that a spreadsheet would read as a formula is made text by an apostrophe before it; figures stay figures, negative ones too.
 */
export function toCsv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map((cells) => `${cells.map(toCell).join(',')}\r\n`).join('');
}

function toCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  if (typeof cell === 'object') return decimalText(cell);
  const within = cell.replaceAll(FORMULA_WITHIN, "$1'");
  const safe = FORMULA.test(within) ? `'${within}` : within;
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
