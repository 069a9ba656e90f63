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
/** A header is one line of 64 KiB, which would hold more names than any kind of row has fields. */
const MOST_COLUMNS = 200;
const MOST_PARTS = 32;
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
  if (columns.length > MOST_COLUMNS)
    throw fault(`There are ${columns.length} columns; give at most ${MOST_COLUMNS}. No row has that many fields.`);
  const seen = new Set<string>();
  const wholes = new Set<string>();
  for (const [index, column] of columns.entries()) {
    const parts = column.split('.');
    if (parts.includes('')) throw fault(`Column ${index + 1} has no name.`);
    if (/[\0\p{Surrogate}\ufffd]/u.test(column)) throw fault('The header is not UTF-8 text.');
    if (parts.includes('__proto__')) throw fault('No column may be called __proto__.');
    if (parts.length > MOST_PARTS)
      throw fault(`Column ${index + 1} has ${parts.length} parts between dots; give at most ${MOST_PARTS}.`);
    if (seen.has(column)) throw fault(`The column "${column}" is there twice.`);
    seen.add(column);
    for (let last = 1; last < parts.length; last += 1) wholes.add(parts.slice(0, last).join('.'));
  }
  const both = columns.find((column) => wholes.has(column));
  if (both !== undefined) throw fault(`The column "${both}" is there as a whole and in parts.`);
  return columns;
}

/** What a row is built from: for each column its path, and how its cells are read. */
interface Column {
  path: readonly string[];
  read(cell: string): unknown;
}

/** Header and kind say once how cells are read; files have few headers and many rows. */
const plans = new WeakMap<readonly string[], Partial<Record<ImportKind, Column[]>>>();

function planOf(kind: ImportKind, columns: readonly string[]): Column[] {
  let byKind = plans.get(columns);
  if (!byKind) plans.set(columns, (byKind = {}));
  return (byKind[kind] ??= columns.map((column) => ({ path: column.split('.'), read: cellReader(kind, column) })));
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
  const plan = planOf(kind, columns);
  for (let index = 0; index < cells.length; index += 1) {
    const cell = cells[index]!;
    if (cell === '') continue;
    const { path, read } = plan[index]!;
    place(row, path, read(cell));
  }
  return row;
}

function cellReader(kind: ImportKind, column: string): (cell: string) => unknown {
  if (LISTS[kind].includes(column)) return (cell) => cell.split('|');
  if (NUMBERS.includes(column)) return (cell) => (NUMBER.test(cell) ? Number(cell) : cell);
  if (BOOLEANS.includes(column)) return (cell) => (cell === 'true' ? true : cell === 'false' ? false : cell);
  if (column === 'properties') return readJson;
  return (cell) => cell;
}

function readJson(cell: string): unknown {
  try {
    return JSON.parse(cell) as unknown;
  } catch {
    return cell;
  }
}

function place(row: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let inner = row;
  const last = path.length - 1;
  for (let at = 0; at < last; at += 1) {
    const name = path[at]!;
    inner = (Object.hasOwn(inner, name) ? inner[name] : (inner[name] = {})) as Record<string, unknown>;
  }
  inner[path[last]!] = value;
}
