import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { Tx } from '../transaction.ts';

/** Cells of one column as PostgreSQL reads them from text; null is null. */
export type Cells = (string | null)[];

/** Columns of rows on their way into a table: each with its PostgreSQL type and its cells, all of one length. */
export type Columns = Record<string, { type: string; cells: Cells }>;

/** Rows that a statement can select from. */
export interface StagedRows {
  /** For `from`: the rows, called `s`. `first` is the number of the first of its parameters. */
  from(first: number): string;
  /** The parameters that `from` names. */
  values: unknown[];
  /** Leaves rows out, by their cells in one column. */
  without(column: string, cells: readonly string[]): Promise<StagedRows>;
}

/** Up to here rows travel as parameters of their statement; a temporary table for less would cost more than it saves. */
const MOST_PARAMETER_ROWS = 1_000;
const ROWS_PER_WRITE = 1_024;
const TABLE = 'staged_row';

/**
 * Makes rows selectable: few as arrays, many by COPY into a temporary table of this transaction, because row-level security refuses
 * COPY into the real ones. One transaction stages one lot at a time.
 */
export async function stageRows(tx: Tx, columns: Columns): Promise<StagedRows> {
  const length = Object.values(columns)[0]?.cells.length ?? 0;
  return length > MOST_PARAMETER_ROWS ? copyRows(tx, columns, length) : parameterRows(columns);
}

function parameterRows(columns: Columns): StagedRows {
  const names = Object.keys(columns);
  return {
    values: Object.values(columns).map(({ cells }) => cells),
    from: (first) =>
      `unnest(${Object.values(columns)
        .map(({ type }, index) => `$${first + index}::${type}[]`)
        .join(', ')}) as s (${names.join(', ')})`,
    without: async (column, cells) => {
      const gone = new Set(cells);
      const kept = columns[column]!.cells.map((cell) => cell === null || !gone.has(cell));
      return parameterRows(
        Object.fromEntries(
          Object.entries(columns).map(([name, { type, cells: all }]) => [
            name,
            { type, cells: all.filter((_, index) => kept[index]) },
          ]),
        ),
      );
    },
  };
}

async function copyRows(tx: Tx, columns: Columns, length: number): Promise<StagedRows> {
  const shape = Object.entries(columns).map(([name, { type }]) => `${name} ${type}`);
  await tx.query(`drop table if exists ${TABLE}; create temporary table ${TABLE} (${shape.join(', ')}) on commit drop`);
  // Columns that nobody fills need not travel.
  const filled = Object.entries(columns).filter(([, { cells }]) => cells.some((cell) => cell !== null));
  const stream = tx.client.query(copyFrom(`copy ${TABLE} (${filled.map(([name]) => name).join(', ')}) from stdin`));
  const done = finished(stream);
  const cells = filled.map(([, column]) => column.cells);
  for (let from = 0; from < length; from += ROWS_PER_WRITE) {
    const text = copyText(cells, from, Math.min(length, from + ROWS_PER_WRITE));
    if (!stream.write(text)) await Promise.race([once(stream, 'drain'), done]);
  }
  stream.end();
  await done;
  const staged: StagedRows = {
    values: [],
    from: () => `${TABLE} s`,
    without: async (column, gone) => {
      await tx.query(`delete from ${TABLE} where ${column} = any ($1)`, [gone]);
      return staged;
    },
  };
  return staged;
}

/** Rows in the text format of COPY. */
function copyText(columns: readonly Cells[], from: number, to: number): string {
  let text = '';
  for (let row = from; row < to; row += 1) {
    for (let column = 0; column < columns.length; column += 1) {
      if (column > 0) text += '\t';
      const cell = columns[column]![row];
      text += cell === null || cell === undefined ? '\\N' : ESCAPED.test(cell) ? escape(cell) : cell;
    }
    text += '\n';
  }
  return text;
}

const ESCAPED = /[\\\t\n\r]/;
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escape(cell: string): string {
  return cell.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character]!);
}
