import { cellArray } from './cell-array.ts';
import type { CellType } from './cell-array.ts';

/** Cells of one column as PostgreSQL reads them from text (`bytea` in hex, without a mark before it); null is null. */
export type Cells = readonly (string | null)[];

/** Columns of rows on their way into a table, all of one length and not empty. */
export type Columns = Record<string, { type: CellType; cells: Cells }>;

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
      const { type, cells } = this.#columns[name]!;
      if (varied.length > 0 && areAlike(cells)) {
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
      const { type, cells } = this.#columns[name]!;
      this.#arrays.set(name, (array = cellArray(type, cells)));
    }
    return array;
  }
}

function areAlike(cells: Cells): boolean {
  const first = cells[0];
  return cells.every((cell) => cell === first);
}
