import { newId } from '../ids.ts';
import type { Tx } from '../transaction.ts';
import type { Pair } from './commission.ts';

/** What the screens for fraud look at, of one pair: nothing here changes a weight. */
export interface ScreenFacts extends Pair {
  /** The customer's e-mail hash is that of the partner's own address. */
  isSelfReferral: boolean;
  /** The partner's last click before the conversion, in microseconds before it; null without one. */
  clickAgeMicros: number | null;
  hasBotTouch: boolean;
  /** A browser reported the conversion, and its site wants a person to look at such. */
  isFromBrowser: boolean;
}

/** Reads the facts of first commissions; identities by the merges received before the horizon. */
export async function readScreenFacts(tx: Tx, pairs: readonly Pair[], horizon: string): Promise<ScreenFacts[]> {
  if (pairs.length === 0) return [];
  const { rows } = await tx.query<ScreenFacts>(
    `with recursive pair as (
       select p.partner_id, p.conversion_id, c.identity_id, c.occurred_at, c.site_id
       from unnest($2::text[], $3::text[]) as p (partner_id, conversion_id)
       join conversion c on c.program_id = $1 and c.id = p.conversion_id
     ),
     reach as (
       select conversion_id, identity_id as id from pair where identity_id is not null
       union
       select r.conversion_id, e.other
       from reach r
       join lateral (
         select m.b_id as other, m.received_at, m.refused_reason from identity_merge m where m.program_id = $1 and m.a_id = r.id
         union all
         select m.a_id, m.received_at, m.refused_reason from identity_merge m where m.program_id = $1 and m.b_id = r.id
       ) e on e.refused_reason is null and e.received_at < $4
     )
     select p.partner_id as "partnerId", p.conversion_id as "conversionId",
       exists (
         select from reach r
         join identity i on i.program_id = $1 and i.id = r.id and i.kind = 'email'
         join partner a on a.program_id = $1 and a.id = p.partner_id
         where r.conversion_id = p.conversion_id and i.value = encode(sha256(convert_to(lower(a.email), 'UTF8')), 'hex')
       ) as "isSelfReferral",
       exists (select from site s where s.program_id = $1 and s.id = p.site_id and s.conversions <> 'accept') as "isFromBrowser",
       t."clickAgeMicros", coalesce(t."hasBotTouch", false) as "hasBotTouch"
     from pair p
     left join lateral (
       select min((extract(epoch from p.occurred_at - t.occurred_at) * 1000000)::bigint) filter (where t.kind = 'click') as "clickAgeMicros",
         bool_or(t.bot) as "hasBotTouch"
       from reach r
       join touchpoint t on t.program_id = $1 and t.identity_id = r.id and t.partner_id = p.partner_id and t.occurred_at <= p.occurred_at
       where r.conversion_id = p.conversion_id
     ) t on true`,
    [tx.programId, pairs.map(({ partnerId }) => partnerId), pairs.map(({ conversionId }) => conversionId), horizon],
  );
  return rows;
}

export interface NewHold extends Pair {
  commissionId: string;
  reason: string;
  placedBy: string;
  at: string;
}

/** Places a hold on what a conversion earns a partner. The caller holds the partner's lock. @returns its id */
export async function insertHold(tx: Tx, hold: NewHold): Promise<string> {
  const id = newId('hold');
  await tx.query(
    `insert into hold (program_id, id, partner_id, commission_id, conversion_id, reason, placed_by, placed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [tx.programId, id, hold.partnerId, hold.commissionId, hold.conversionId, hold.reason, hold.placedBy, hold.at],
  );
  return id;
}

/** Holds that a screen placed and for which no review was opened yet. */
export async function listUnreviewedHolds(tx: Tx, limit = 100): Promise<{ id: string; partnerId: string }[]> {
  const { rows } = await tx.query<{ id: string; partnerId: string }>(
    `select id, partner_id as "partnerId" from hold
     where program_id = $1 and ended_at is null and task_id is null and placed_by like 'screen/%'
       and not exists (select from workflow_run r where r.program_id = hold.program_id and r.workflow_id = 'approval/hold/' || hold.id)
     order by placed_at
     limit $2`,
    [tx.programId, limit],
  );
  return rows;
}
