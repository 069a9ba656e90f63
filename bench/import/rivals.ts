import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { fileRows, finishedRows, keyRows } from './rows.ts';
import type { RowSource } from './rows.ts';

/** A way to bring the same rows in: its tables are made before and dropped after what `work` does. */
export interface Rival {
  prepare(): Promise<unknown>;
  work(): Promise<unknown>;
  clear(): Promise<unknown>;
}

/** The file's rows as they are, by COPY into one table with a key and an index by person and time. */
export function bareCopy(owner: pg.Client, source: RowSource): Rival {
  const table = `bench_bare_${source.run}`;
  return {
    prepare: () =>
      owner.query(
        `create table ${table} (id text primary key, identity text, channel text, kind text, at timestamptz); create index on ${table} (identity, at)`,
      ),
    work: () =>
      pipeline(Readable.from(fileRows(source)), owner.query(copyFrom(`copy ${table} from stdin (format csv)`))),
    clear: () => owner.query(`drop table ${table}`),
  };
}

/**
 * What any way costs that keeps our keys: rows of both tables with everything looked up, digests included, by COPY of the owner into tables
 * with the same columns, checks and indexes, on two connections; no partitions, no row policy, no identities and no work for the feed.
 */
export function keyedCopy(clients: readonly [pg.Client, pg.Client], source: RowSource, programId: string): Rival {
  const [owner] = clients;
  const [facts, keys] = [`bench_fact_${source.run}`, `bench_key_${source.run}`];
  const copy = (client: pg.Client, table: string, rows: Generator<Buffer>) =>
    pipeline(Readable.from(rows), client.query(copyFrom(`copy ${table} from stdin`)));
  return {
    prepare: () =>
      owner.query(
        `create table ${facts} (like touchpoint including all); create table ${keys} (like touchpoint_key including all)`,
      ),
    work: () =>
      Promise.all([
        copy(clients[0], facts, finishedRows(source, programId)),
        copy(clients[1], keys, keyRows(source, programId)),
      ]),
    clear: () => owner.query(`drop table ${facts}, ${keys}`),
  };
}
