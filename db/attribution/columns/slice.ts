import type { Tx } from '../../transaction.ts';

/** A conversion to credit, and until when evidence counts for it. */
export interface SliceScope {
  conversionId: string;
  before: string;
}

/** From so many conversions on whole tables are joined instead of persons looked up; each takes about 90 bytes of a hash table. */
export const LARGE_SLICE = 50_000;

const COLUMNS = `c.id, c.external_id, c.identity_id, c.type, c.value_minor, c.currency, c.occurred_at, c.parent_external_id is not null as is_child`;

/**
 * Puts the conversions to work on into a table of this transaction, numbered from 0 by their id. Everything after it is set-based and
 * no id of a conversion travels to this process and back.
 * @param horizon conversions received at or after it are left out
 * @returns how many there are
 */
export async function sliceOfScopes(tx: Tx, scopes: readonly SliceScope[], horizon: string): Promise<number> {
  const ids = scopes.map(({ conversionId }) => conversionId);
  const bounds = ids.length < LARGE_SLICE ? [] : await boundsOf(tx, ids);
  return fill(
    tx,
    `select (row_number() over (order by c.id) - 1)::integer as no, ${COLUMNS}, s.before
     from unnest($2::text[], $3::timestamptz[]) as s (conversion_id, before)
     join conversion c on c.program_id = $1 and c.id = s.conversion_id and c.received_at < $4
       ${bounds.length > 0 ? 'and c.id between $5 and $6' : ''}`,
    [tx.programId, ids, scopes.map(({ before }) => before), horizon, ...bounds],
  );
}

/** The first and the last in the order of the database: where many stand close together, that part of the table is read instead of all of it. */
async function boundsOf(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ first: string; last: string }>(
    'select min(id) as first, max(id) as last from unnest($1::text[]) as s (id)',
    [ids],
  );
  return [rows[0]!.first, rows[0]!.last];
}

async function fill(tx: Tx, select: string, values: unknown[]): Promise<number> {
  await tx.query(
    `create temporary table credit_slice (
       no integer not null, id text not null, external_id text not null, identity_id text, type text not null, value_minor bigint not null,
       currency char(3) not null, occurred_at timestamptz not null, is_child boolean not null, before timestamptz not null
     ) on commit drop`,
  );
  const { rowCount } = await tx.query(`insert into credit_slice ${select} order by 1`, values);
  // Joins with it are planned by its real size, and a large one is hashed in memory instead of in parts on disk.
  await tx.query('analyze credit_slice');
  const size = rowCount ?? 0;
  if (size >= LARGE_SLICE) await tx.query(`select set_config('work_mem', '32MB', true)`);
  return size;
}
