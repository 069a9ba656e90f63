import { DomainError } from '../../domain/errors.ts';
import { joinIntake } from '../locks.ts';
import type { Tx } from '../transaction.ts';
import { lockUnions } from './merge.ts';
import { queueIntakeWork } from './work.ts';

/**
 * Takes a merge back: the log keeps it and its undo, the union falls apart where nothing else holds it together, and the conversions of both
 * sides are credited anew. A second undo changes nothing; nor does a later event that names the two again: the log knows them. Joins the intake barrier: call it before any other lock of the transaction.
 * @returns whether this call took it back
 * @throws DomainError `not-found`
 */
export async function undoMerge(tx: Tx, undo: { mergeId: string; reason: string; by: string }): Promise<boolean> {
  const receivedAt = await joinIntake(tx);
  const { rows } = await tx.query<{ a_id: string; b_id: string }>(
    'select a_id, b_id from identity_merge where program_id = $1 and id = $2',
    [tx.programId, undo.mergeId],
  );
  const merge = rows[0];
  if (!merge) throw new DomainError('not-found', `There is no merge ${undo.mergeId}.`);
  await lockUnions(tx, [merge.a_id, merge.b_id]);
  const { rowCount } = await tx.query(
    `insert into identity_merge_undo (program_id, merge_id, reason, undone_by, received_at) values ($1, $2, $3, $4, $5)
     on conflict (program_id, merge_id) do nothing`,
    [tx.programId, undo.mergeId, undo.reason, undo.by, receivedAt],
  );
  if (rowCount === 0) return false;
  await nameUnionsAnew(tx, [merge.a_id, merge.b_id]);
  await queueIntakeWork(
    tx,
    [merge.a_id, merge.b_id].map((identityId) => ({ kind: 'merge' as const, identityId })),
    receivedAt,
  );
  return true;
}

/** By the log: everybody who can still be reached from one of these ids, named by the smallest id of each union. */
async function nameUnionsAnew(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.query(
    `with recursive reach as (
       select id as root, id from unnest($2::text[]) as id
       union
       select r.root, e.other
       from reach r
       join lateral (
         select m.b_id as other, m.id, m.refused_reason from identity_merge m where m.program_id = $1 and m.a_id = r.id
         union all
         select m.a_id, m.id, m.refused_reason from identity_merge m where m.program_id = $1 and m.b_id = r.id
       ) e on e.refused_reason is null
         and not exists (select from identity_merge_undo u where u.program_id = $1 and u.merge_id = e.id)
     ),
     named as (
       select id, min(least) as least
       from (select id, min(id) over (partition by root) as least from reach) n
       group by id
     )
     update identity i set component_id = n.least from named n where i.program_id = $1 and i.id = n.id`,
    [tx.programId, ids],
  );
}
