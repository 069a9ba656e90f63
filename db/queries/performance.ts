import { CREDIT_GROUPS, partnerFactsAt } from './credit-group.ts';
import type { CreditGroup } from './credit-group.ts';
import { keptCommission } from './kept-commission.ts';
import type { Tx } from '../transaction.ts';

/** What clicks are grouped by; a click has no vertical. */
const CLICK_GROUPS: Record<CreditGroup, string> = {
  channel: 't.channel',
  partner: `coalesce(t.partner_id, 'channel:' || t.channel)`,
  partnerType: 'coalesce(f.type, p.type)',
  market: 'coalesce(f.market_code, p.market_code)',
  region: 'm.region',
  vertical: 'null::text',
  content: 't.content_id',
  subId: 't.sub_id',
};

export interface PerformanceScope {
  from: string;
  to: string;
  groupBy: CreditGroup;
  /** Only this partner's part. */
  partnerId?: string;
}

/** Credits in force of one day (UTC) and currency. `conversions` and `newCustomers` are fractions, summed. */
export interface CreditedDay {
  key: string | null;
  day: string;
  currency: string;
  conversions: number;
  newCustomers: number;
  minor: number;
}

/** Commission posted for the conversions of one day, in one contract currency; also what a partner kept whom no credit in force names. */
export interface CommissionDay {
  key: string | null;
  day: string;
  currency: string;
  minor: number;
}

/** Credits of a range of event time; `rank` 1 is the largest channel of a partner in a conversion, which carries its commission. */
const credited = (groupBy: CreditGroup) => `
  select ${CREDIT_GROUPS[groupBy]} as key, (c.occurred_at at time zone 'UTC')::date::text as day, k.share_e12, k.value_minor, k.currency,
    k.conversion_id, c.new_customer, case when k.beneficiary_kind = 'partner' then k.beneficiary_id end as partner_id,
    row_number() over (partition by k.conversion_id, k.beneficiary_kind, k.beneficiary_id order by k.share_e12 desc, k.channel) as rank
  from conversion c
  join conversion_state s on s.program_id = c.program_id and s.conversion_id = c.id
  join credit k on k.program_id = c.program_id and k.conversion_id = c.id and k.conversion_at = c.occurred_at and k.generation = s.generation
  left join partner p on p.program_id = k.program_id and k.beneficiary_kind = 'partner' and p.id = k.beneficiary_id
  ${partnerFactsAt('c.occurred_at')}
  where c.program_id = $1 and c.occurred_at >= $2 and c.occurred_at < $3
    and ($4::text is null or (k.beneficiary_kind = 'partner' and k.beneficiary_id = $4))`;

export async function sumCreditedDays(
  tx: Tx,
  { from, to, groupBy, partnerId }: PerformanceScope,
): Promise<CreditedDay[]> {
  const { rows } = await tx.query<CreditedDay>(
    `select key, day, currency, sum(share_e12)::float8 / 1e12 as conversions,
       coalesce(sum(share_e12) filter (where new_customer), 0)::float8 / 1e12 as "newCustomers", sum(value_minor)::bigint as minor
     from (${credited(groupBy)}) credited
     group by key, day, currency
     order by key, day, currency`,
    [tx.programId, from, to, partnerId ?? null],
  );
  return rows;
}

export async function sumCommissionDays(
  tx: Tx,
  { from, to, groupBy, partnerId }: PerformanceScope,
): Promise<CommissionDay[]> {
  const { rows } = await tx.query<CommissionDay>(
    `select key, day, currency, sum(minor)::bigint as minor
     from (
       select d.key, d.day, m.currency, m.amount_minor as minor
       from (${credited(groupBy)}) d
       join commission m on m.program_id = $1 and m.conversion_id = d.conversion_id and m.partner_id = d.partner_id
       where d.rank = 1
       union all
       ${keptCommission(groupBy, '$4')}
     ) posted
     group by key, day, currency
     order by key, day, currency`,
    [tx.programId, from, to, partnerId ?? null],
  );
  return rows;
}

/** Clicks of people (no known bots, none voided) of a range of event time. */
export async function countClicks(
  tx: Tx,
  { from, to, groupBy, partnerId }: PerformanceScope,
): Promise<{ key: string | null; clicks: number }[]> {
  const { rows } = await tx.query<{ key: string | null; clicks: number }>(
    `select ${CLICK_GROUPS[groupBy]} as key, count(*)::int as clicks
     from touchpoint t
     left join partner p on p.program_id = t.program_id and p.id = t.partner_id
     ${partnerFactsAt('t.occurred_at')}
     where t.program_id = $1 and t.occurred_at >= $2 and t.occurred_at < $3 and t.kind = 'click' and not t.bot
       and ($4::text is null or t.partner_id = $4)
       and not exists (select from touchpoint_void v where v.program_id = t.program_id and v.touchpoint_id = t.id)
     group by 1
     order by 1`,
    [tx.programId, from, to, partnerId ?? null],
  );
  return rows;
}
