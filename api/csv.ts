/** One cell: text that a person typed, or a figure of ours. */
export type Cell = string | number | null;

const FORMULA = /^[\s\0]*[=+\-@\t\r]/;

/**
 * Writes RFC 4180 CSV. Text that a spreadsheet would read as a formula is made text by an apostrophe before it; figures stay figures.
 */
export function toCsv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map((cells) => `${cells.map(toCell).join(',')}\r\n`).join('');
}

function toCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
