import { cellArray } from './cell-array.ts';
import type { CellType } from './cell-array.ts';

/** Cells of one column as PostgreSQL reads them from text (`bytea` in hex, without a mark before it); null is null. */
export type Cells = readonly (string | null)[];

/** One column of rows; `count` is given where one cell stands for so many rows that all say the same. */
export interface Column {
  type: CellType;
  cells: Cells;
  count?: number;
}

/** Columns of rows on their way into a table, all of one length and not empty. */
export type Columns = Record<string, Column>;

/** What `cellOf` says of each item, at least one; one cell, without a list, where all say the same. */
export function columnOf<Item>(type: CellType, items: readonly Item[], cellOf: (item: Item) => string | null): Column {
  const first = cellOf(items[0]!);
  let alike = 1;
  while (alike < items.length && cellOf(items[alike]!) === first) alike += 1;
  if (alike === items.length) return { type, cells: [first], count: alike };
  return { type, cells: items.map(cellOf) };
}

/** A cell for every row. */
export function cellsOf({ cells, count }: Column): Cells {
  return count === undefined ? cells : Array.from({ length: count }, () => cells[0]!);
}

/**
 * Rows as parameters of the statements that store them: a column in which all rows say the same travels as one value, every other one as a
 * binary array. Row-level security refuses COPY into the real tables, and a temporary table on the way to them costs more than it saves.
 */
export class RowParameters {
  readonly #columns: Columns;
  readonly #arrays = new Map<string, unknown>();

  constructor(columns: Columns) {
    this.#columns = columns;
  }

  /**
   * Something to select from: the rows with these columns, called `s`, in their order.
   * @param names the first one is sent as an array whatever it holds; after them stands `n`, their number from 1
   * @param values the parameters of the statement so far; those of the rows are added
   */
  from(names: readonly string[], values: unknown[]): string {
    const varied: string[] = [];
    const alike: string[] = [];
    const arrays: string[] = [];
    for (const name of names) {
      const { type, cells, count } = this.#columns[name]!;
      if (varied.length > 0 && (count !== undefined || areAlike(cells))) {
        values.push(type === 'bytea' && cells[0] !== null ? `\\x${cells[0]}` : cells[0]);
        alike.push(`, $${values.length}::${type} as ${name}`);
      } else {
        values.push(this.#arrayOf(name));
        arrays.push(`$${values.length}::${type}[]`);
        varied.push(name);
      }
    }
    const rows = `unnest(${arrays.join(', ')}) with ordinality`;
    const own = [...varied, 'n'];
    if (alike.length === 0) return `${rows} as s (${own.join(', ')})`;
    return `(select ${own.map((name) => `v.${name}`).join(', ')}${alike.join('')} from ${rows} as v (${own.join(', ')})) s`;
  }

  /** Two statements of the same rows share what was written for the first. */
  #arrayOf(name: string): unknown {
    let array = this.#arrays.get(name);
    if (array === undefined) {
      const column = this.#columns[name]!;
      this.#arrays.set(name, (array = cellArray(column.type, cellsOf(column))));
    }
    return array;
  }
}

function areAlike(cells: Cells): boolean {
  const first = cells[0];
  return cells.every((cell) => cell === first);
}
