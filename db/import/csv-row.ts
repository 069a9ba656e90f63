import { Refusal } from '../intake/result.ts';
import type { ImportKind } from './kind.ts';

const LISTS: Record<ImportKind, readonly string[]> = {
  partners: ['channels', 'verticals'],
  touchpoints: [],
  conversions: [],
  refunds: [],
  journeys: ['path'],
};
const NUMBERS = ['value.minor', 'conversions', 'nulls'];
const BOOLEANS = ['newCustomer', 'consent.measurement'];
const NUMBER = /^-?\d+(\.\d+)?$/;

/** The cells of one CSV record whose quotes the splitter has checked. */
export function readCells(text: string): string[] {
  if (!text.includes('"')) return text.split(',');
  const cells: string[] = [];
  for (let at = 0; ;) {
    if (text[at] !== '"') {
      const end = text.indexOf(',', at);
      if (end === -1) return [...cells, text.slice(at)];
      cells.push(text.slice(at, end));
      at = end + 1;
      continue;
    }
    let end = at + 1;
    while (text[end] !== '"' || text[end + 1] === '"') end += text[end] === '"' ? 2 : 1;
    cells.push(text.slice(at + 1, end).replaceAll('""', '"'));
    if (end + 1 >= text.length) return cells;
    at = end + 2;
  }
}

/** The columns that a header names, dots and all. @throws Refusal `header` saying what is wrong with it */
export function readHeader(text: string): string[] {
  const columns = readCells(text).map((cell) => cell.trim());
  const fault = (detail: string) => new Refusal('header', detail);
  for (const [index, column] of columns.entries()) {
    const parts = column.split('.');
    if (parts.includes('')) throw fault(`Column ${index + 1} has no name.`);
    if (/[\0\p{Surrogate}\ufffd]/u.test(column)) throw fault('The header is not UTF-8 text.');
    if (parts.includes('__proto__')) throw fault('No column may be called __proto__.');
    if (columns.indexOf(column) !== index) throw fault(`The column "${column}" is there twice.`);
    if (columns.some((other) => other.startsWith(`${column}.`)))
      throw fault(`The column "${column}" is there as a whole and in parts.`);
  }
  return columns;
}

/**
 * One row as the object that the JSON intake reads: dots nest, `|` separates the items of a list, an empty cell is absent, and `properties`
 * is JSON. Cells that are no number where one is due stay text, so that the item's own rules refuse them.
 * @throws Refusal `malformed` when there are more or fewer cells than columns
 */
export function csvRow(kind: ImportKind, columns: readonly string[], text: string): Record<string, unknown> {
  const cells = readCells(text);
  if (cells.length !== columns.length)
    throw new Refusal('malformed', `The row has ${cells.length} cells, the header ${columns.length}.`);
  const row: Record<string, unknown> = {};
  columns.forEach((column, index) => {
    const cell = cells[index]!;
    if (cell !== '') place(row, column, readCell(kind, column, cell));
  });
  return row;
}

function readCell(kind: ImportKind, column: string, cell: string): unknown {
  if (LISTS[kind].includes(column)) return cell.split('|');
  if (NUMBERS.includes(column)) return NUMBER.test(cell) ? Number(cell) : cell;
  if (BOOLEANS.includes(column)) return cell === 'true' ? true : cell === 'false' ? false : cell;
  if (column !== 'properties') return cell;
  try {
    return JSON.parse(cell) as unknown;
  } catch {
    return cell;
  }
}

function place(row: Record<string, unknown>, column: string, value: unknown): void {
  const dot = column.indexOf('.');
  if (dot === -1) {
    row[column] = value;
    return;
  }
  const name = column.slice(0, dot);
  const inner = (Object.hasOwn(row, name) ? row[name] : (row[name] = {})) as Record<string, unknown>;
  place(inner, column.slice(dot + 1), value);
}
