import { describe, expect, it } from '@jest/globals';
import { readText } from './tree.ts';

const schema = readText('db/schema.sql');

interface Table {
  name: string;
  /** Type and the rest of the line, by column. */
  columns: Map<string, string>;
  constraints: { name: string; rule: string }[];
}

const tables: Table[] = [...schema.matchAll(/^create table (\w+) \(\n([^]*?)\n\)/gm)].map(
  ([, name = '', body = '']) => {
    const lines = body.split('\n').map((line) => line.trim());
    const constraints = lines.flatMap((line) => {
      const [, constraint, rule] = /^constraint (\S+) (.*?),?$/.exec(line) ?? [];
      return constraint === undefined || rule === undefined ? [] : [{ name: constraint, rule }];
    });
    const columns = lines
      .filter((line) => /^[a-z]/.test(line) && !line.startsWith('constraint '))
      .map((line): [string, string] => [line.split(' ')[0] ?? '', line.slice(line.indexOf(' ') + 1)]);
    return { name, columns: new Map(columns), constraints };
  },
);

const columnsWhere = (matches: (column: string, rest: string) => boolean) =>
  tables.flatMap(({ name, columns }) =>
    [...columns].filter(([column, rest]) => matches(column, rest)).map(([column, rest]) => `${name}.${column} ${rest}`),
  );

describe('the tables', () => {
  it('are read from db/schema.sql', () => {
    expect(tables.length).toBeGreaterThan(50);
    expect(tables.find((table) => table.name === 'market')?.columns.get('currency')).toMatch(
      /^character\(3\) not null/,
    );
  });

  it('hold no floats', () => {
    expect(columnsWhere((_, rest) => /^(real|double precision|money)/.test(rest))).toEqual([]);
  });

  it('hold amounts as bigint', () => {
    expect(columnsWhere((column, rest) => column.endsWith('_minor') && !rest.startsWith('bigint'))).toEqual([]);
  });

  it('hold instants with their zone', () => {
    expect(columnsWhere((_, rest) => rest.startsWith('timestamp without'))).toEqual([]);
    expect(
      columnsWhere((column, rest) => column.endsWith('_at') && !rest.startsWith('timestamp with time zone')),
    ).toEqual([]);
  });

  it('take ids from the caller and no sequence', () => {
    expect(columnsWhere((column, rest) => column === 'id' && /identity|nextval/.test(rest))).toEqual([]);
  });

  it('name each check after the rule that it holds', () => {
    const unnamed = tables.flatMap((table) =>
      table.constraints.filter(({ name, rule }) => rule.startsWith('CHECK') && /_check\d*$/.test(name)),
    );
    expect(unnamed.map((constraint) => constraint.name)).toEqual([]);
  });
});

describe('facts and books', () => {
  const INSERT_ONLY = [
    'commission',
    'conversion',
    'credit',
    'event',
    'event_seal',
    'event_sealed',
    'ledger_entry',
    'ledger_posting',
    'refund',
    'statement_line',
    'touchpoint',
  ];

  it.each(INSERT_ONLY)('%s can be added to and read, never changed', (name) => {
    expect(schema).toMatch(new RegExp(`^CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public\\.${name} `, 'm'));
    const grants = [...schema.matchAll(new RegExp(`^grant (.*) on ${name} to tandem_app;$`, 'gm'))].map(
      (match) => match[1],
    );
    expect(grants).toEqual(['insert, select']);
  });

  // Their rows are written in bulk while the rows that they mean are locked by others; the audit looks instead.
  it.each(['touchpoint', 'conversion', 'credit', 'commission'])('%s refers to no row by foreign key', (name) => {
    const table = tables.find((candidate) => candidate.name === name);
    expect(table).toBeDefined();
    expect(table?.constraints.filter(({ rule }) => rule.startsWith('FOREIGN KEY'))).toEqual([]);
  });
});
