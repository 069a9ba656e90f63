import type { Pair } from './commission.ts';
import type { Tx } from '../transaction.ts';
import { lookup } from './lookup.ts';
import { everMergedIds } from './merged-ids.ts';

/**
 * Which of these conversions the feed still has to look at, by work received before the horizon: their credit may lag behind their facts.
 * The same conversions that the feed finds when it takes this work.
 */
export async function findWaitingConversions(tx: Tx, ids: readonly string[], horizon: string): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await tx.query<{ id: string }>(
    `with recursive asked as (
       select c.id, c.external_id, c.parent_external_id, c.identity_id, c.occurred_at, c.received_at
       from conversion c where c.program_id = $1 and c.id = any ($2)
     ),
     line as (
       select id as conversion_id, parent_external_id, identity_id, occurred_at from asked
       union
       select l.conversion_id, c.parent_external_id, c.identity_id, c.occurred_at
       from line l
       ${lookup('conversion', 'c', 'c.external_id = l.parent_external_id')}
     ),
     reach as (
       select conversion_id, occurred_at, identity_id as id from line where identity_id is not null
       union
       select r.conversion_id, r.occurred_at, e.other
       from reach r
       ${everMergedIds('$3')}
     ),
     work as materialized (
       select * from intake_work where program_id = $1 and received_at < $3
     ),
     person as (
       select identity_id, case when kind <> 'merge' then from_at end as from_at from work where identity_id is not null
       union all
       select p.identity_id, p.from_at from work w cross join unnest(w.identity_ids, w.from_ats) as p (identity_id, from_at)
     )
     select a.id from asked a join work w on w.kind = 'conversion' and w.conversion_id = a.id
     union
     select a.id from asked a join work w on w.kind = 'refund' and w.external_id = a.external_id
     union
     select r.conversion_id from reach r join person p on p.identity_id = r.id and coalesce(p.from_at, '-infinity') <= r.occurred_at
     union
     select a.id
     from asked a
     join work w on w.kind = 'range' and (a.occurred_at, a.id) > (w.from_at, coalesce(w.conversion_id, ''))
       and (w.to_at is null or a.occurred_at < w.to_at)
     where (w.partner_id is null or exists (
         select from credit k where k.program_id = $1 and k.conversion_id = a.id and k.conversion_at = a.occurred_at
           and k.beneficiary_kind = 'partner' and k.beneficiary_id = w.partner_id
       ))
       and (w.evaluation_id is null
         or a.received_at >= (select e.cut_at from evaluation e where e.program_id = $1 and e.id = w.evaluation_id))
     union
     select a.id
     from asked a
     join work w on w.kind = 'evaluation' and a.id > coalesce(w.conversion_id, '') and a.id <= w.external_id
     join evaluation e on e.program_id = $1 and e.id = w.evaluation_id
     join study_line l on l.program_id = $1 and l.study_id = e.study_id and l.conversion_id = a.id`,
    [tx.programId, ids, horizon],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Those of these pairs whose commission waits for neither the poster nor the feed. */
export async function withoutWaiting<Asked extends Pair>(
  tx: Tx,
  pairs: readonly Asked[],
  horizon: string,
): Promise<Asked[]> {
  if (pairs.length === 0) return [];
  const { rows } = await tx.query<{ no: number }>(
    `select p.no::integer as no
     from unnest($2::text[], $3::text[]) with ordinality as p (partner_id, conversion_id, no)
     where not exists (
       select from commission_work w
       where w.program_id = $1 and w.partner_id = p.partner_id and (w.conversion_id is null or w.conversion_id = p.conversion_id)
     )
     order by p.no`,
    [tx.programId, pairs.map(({ partnerId }) => partnerId), pairs.map(({ conversionId }) => conversionId)],
  );
  const posted = rows.map(({ no }) => pairs[no - 1]!);
  const waiting = await findWaitingConversions(
    tx,
    [...new Set(posted.map(({ conversionId }) => conversionId))],
    horizon,
  );
  return posted.filter(({ conversionId }) => !waiting.has(conversionId));
}
