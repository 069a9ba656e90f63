import type { ScreenFacts } from '../../domain/screen/facts.ts';
import type { Tx } from '../transaction.ts';
import type { Pair } from './commission.ts';
import { lookup } from './lookup.ts';
import { mergedIds } from './merged-ids.ts';

export type PairFacts = ScreenFacts & Pair;

/** What depends on when one looks, and on the parameters of a screen. */
export interface ScreenScope {
  /** Only merges received before it count. */
  horizon: string;
  /** ISO 8601: how long before the conversion refused ids are counted. */
  reuseWithin: string;
}

/** Digest of an e-mail address in the form that senders hash it. */
const hashed = (email: string) => `encode(sha256(convert_to(lower(${email}), 'UTF8')), 'hex')`;

/** Reads what the screens look at, of pairs of partner and conversion; nothing here changes a weight. A voided touchpoint says nothing. */
export async function readScreenFacts(tx: Tx, pairs: readonly Pair[], scope: ScreenScope): Promise<PairFacts[]> {
  if (pairs.length === 0) return [];
  const { rows } = await tx.query<PairFacts>(
    `with recursive pair as (
       select p.partner_id, p.conversion_id, c.identity_id, c.occurred_at, c.received_at, c.properties, c.site_id, a.email, a.external_id
       from unnest($2::text[], $3::text[]) as p (partner_id, conversion_id)
       ${lookup('conversion', 'c', 'c.id = p.conversion_id')}
       join partner a on a.program_id = $1 and a.id = p.partner_id
     ),
     reach as (
       select conversion_id, identity_id as id from pair where identity_id is not null
       union
       select r.conversion_id, e.other
       from reach r
       ${mergedIds('$4')}
     ),
     named as (
       select r.conversion_id, i.kind, i.value from reach r ${lookup('identity', 'i', 'i.id = r.id')}
     )
     select p.partner_id as "partnerId", p.conversion_id as "conversionId",
       array_remove(array[
         case when exists (
           select from named n where n.conversion_id = p.conversion_id and n.kind = 'email' and n.value = ${hashed('p.email')}
         ) then 'email' end,
         case when exists (
           select from named n
           where n.conversion_id = p.conversion_id and n.kind = 'customer'
             and (n.value in (p.partner_id, p.external_id) or n.value in (
               select unnest(array[d.iban, d.account]) from payout_details d
               where d.program_id = $1 and d.partner_id = p.partner_id and d.state <> 'rejected'))
         ) then 'account' end,
         case when exists (
           select from payout_details d
           where d.program_id = $1 and d.partner_id = p.partner_id and d.state <> 'rejected'
             and (lower(trim(d.account_holder)) = lower(trim(p.properties ->> 'payerName'))
               or d.iban = upper(replace(p.properties ->> 'iban', ' ', ''))
               or exists (
                 select from payout_details o
                 join partner other on other.program_id = $1 and other.id = o.partner_id
                 join named n on n.conversion_id = p.conversion_id and n.kind = 'email' and n.value = ${hashed('other.email')}
                 where o.program_id = $1 and o.partner_id <> d.partner_id and o.state <> 'rejected'
                   and (o.iban = d.iban or o.account = d.account)))
         ) then 'payout-owner' end
       ], null) as "sameAs",
       t."clickAgeMicros", coalesce(t."hasBotTouch", false) as "hasBotTouch",
       (select coalesce(sum(u.items), 0)::int from id_reuse u
        where u.program_id = $1 and u.partner_id = p.partner_id
          and u.received_at <= p.received_at and u.received_at >= p.received_at - $5::interval) as "reusedIds",
       exists (select from site s where s.program_id = $1 and s.id = p.site_id and s.conversions <> 'accept') as "isFromBrowser"
     from pair p
     left join lateral (
       select min((extract(epoch from p.occurred_at - t.occurred_at) * 1000000)::bigint) filter (where t.kind = 'click') as "clickAgeMicros",
         bool_or(t.bot) as "hasBotTouch"
       from reach r
       ${lookup('touchpoint', 't', 't.identity_id = r.id and t.partner_id = p.partner_id and t.occurred_at <= p.occurred_at')}
       where r.conversion_id = p.conversion_id
         and not exists (
           select from touchpoint_void v where v.program_id = $1 and v.touchpoint_id = t.id and v.received_at < $4
         )
     ) t on true`,
    [
      tx.programId,
      pairs.map(({ partnerId }) => partnerId),
      pairs.map(({ conversionId }) => conversionId),
      scope.horizon,
      scope.reuseWithin,
    ],
  );
  return rows;
}

/** A pair that earned something, with all that was posted for it. */
export interface EarningPair extends Pair {
  minor: number;
  currency: string;
  /** A screen of today or of another version holds, or held, it. */
  isHit: boolean;
}

/** The first `limit` pairs whose conversions happened in a range, that is: what a screen would have looked at. */
export async function listEarningPairs(
  tx: Tx,
  { from, to, limit }: { from: string; to: string; limit: number },
): Promise<EarningPair[]> {
  const { rows } = await tx.query<EarningPair>(
    `select m.partner_id as "partnerId", c.id as "conversionId", sum(m.amount_minor)::bigint as minor, m.currency,
       exists (
         select from hold h
         where h.program_id = $1 and h.partner_id = m.partner_id and h.conversion_id = c.id and h.placed_by like 'screen/%'
       ) as "isHit"
     from conversion c
     join commission m on m.program_id = c.program_id and m.conversion_id = c.id and m.kind <> 'goodwill'
     where c.program_id = $1 and c.occurred_at >= $2 and c.occurred_at < $3
     group by c.occurred_at, c.id, m.partner_id, m.currency
     having bool_or(m.total_after_minor > 0)
     order by c.occurred_at, c.id, m.partner_id
     limit $4`,
    [tx.programId, from, to, limit],
  );
  return rows;
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
