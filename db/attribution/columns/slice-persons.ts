import type { Tx } from '../../transaction.ts';
import { mergedIds } from '../../queries/merged-ids.ts';

/**
 * Puts the ids of the person behind each conversion of the slice into a table of this transaction (`credit_person`), by the merges received
 * before the conversion's own limit. Most persons never merged: only those that did walk the log. `from_at` is where the conversion's
 * lookback begins: a column, because under row-level security only a comparison with a column reaches the index.
 */
export async function gatherPersons(tx: Tx, lookbackMicros: number): Promise<void> {
  await tx.query(
    `create temporary table credit_person (
       no integer not null, id text not null, from_at timestamptz not null, occurred_at timestamptz not null, before timestamptz not null
     ) on commit drop`,
  );
  await tx.query(
    `insert into credit_person (no, id, from_at, occurred_at, before)
     with recursive reach as (
       select no, identity_id as id, occurred_at, before from credit_slice
       where identity_id in (
         select a_id from identity_merge where program_id = $1 union all select b_id from identity_merge where program_id = $1
       )
       union
       select r.no, e.other, r.occurred_at, r.before
       from reach r
       ${mergedIds('r.before')}
     )
     select no, identity_id, occurred_at - $2::interval, occurred_at, before from credit_slice where identity_id is not null
     union all
     select r.no, r.id, r.occurred_at - $2::interval, r.occurred_at, r.before from reach r join credit_slice s on s.no = r.no and s.identity_id <> r.id
     order by 1`,
    [tx.programId, `${Math.ceil(lookbackMicros)} microseconds`],
  );
  await tx.query('analyze credit_person');
}

/** The conversions of the slice of whose persons one took the consent back before their limit. */
export async function withdrawnPersons(tx: Tx): Promise<number[]> {
  const { rows } = await tx.query<{ no: number }>(
    `select distinct p.no
     from credit_person p
     join consent_withdrawal w on w.program_id = $1 and w.identity_id = p.id and w.received_at < p.before`,
    [tx.programId],
  );
  return rows.map(({ no }) => no);
}

/** The earliest and latest instant that any journey of the slice may hold, for the planner: partitions outside are not looked at. */
export async function spanOfPersons(tx: Tx): Promise<{ fromAt: string; toAt: string }> {
  const { rows } = await tx.query<{ fromAt: string; toAt: string }>(
    `select coalesce(min(from_at), 'infinity') as "fromAt", coalesce(max(occurred_at), '-infinity') as "toAt" from credit_person`,
  );
  return rows[0]!;
}
