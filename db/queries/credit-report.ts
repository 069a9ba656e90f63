import type { Money } from '../../domain/money/money.ts';
import { SHARES } from '../../domain/attribution/shares.ts';
import type { Tx } from '../transaction.ts';
import { CREDIT_GROUPS, partnerFactsAt } from './credit-group.ts';
import type { CreditGroup } from './credit-group.ts';
import { keptCommission } from './kept-commission.ts';

export interface CreditReportRow {
  /** Null: the credits that have no such fact. */
  key: string | null;
  /** Fractions of conversions, summed. */
  conversions: number;
  /** What is credited in this currency. */
  value: Money;
  /** What was posted in this same currency; other currencies have rows of their own, and nothing is added across them. */
  commission: Money | null;
}

interface SummedCredits {
  key: string | null;
  shares: number;
  valueMinor: number;
  commissionMinor: number;
  currency: string;
}

/**
 * Credits in force of a range of event time, by one fact; one row per key and currency, with exact figures of that currency alone: a key
 * whose commission is paid in another currency than its sales has a row for it, with no conversions and a value of 0. Commission is what was
 * posted for the partners of the group with these conversions; one that a partner has on several channels counts with its largest. Of partners
 * whom no credit in force names any more it is what they kept, unless the report is of one policy.
 */
export async function reportCredits(
  tx: Tx,
  filter: { from: string; to: string; groupBy: CreditGroup; policyId?: string; partnerId?: string },
): Promise<CreditReportRow[]> {
  const { rows } = await tx.query<SummedCredits>(
    `with credited as (
       select ${CREDIT_GROUPS[filter.groupBy]} as key, k.share_e12, k.value_minor, k.currency, k.conversion_id,
         case when k.beneficiary_kind = 'partner' then k.beneficiary_id end as partner_id,
         row_number() over (partition by k.conversion_id, k.beneficiary_kind, k.beneficiary_id order by k.share_e12 desc, k.channel) as rank
       from conversion c
       join conversion_state s on s.program_id = c.program_id and s.conversion_id = c.id
       join credit k on k.program_id = c.program_id and k.conversion_id = c.id and k.conversion_at = c.occurred_at and k.generation = s.generation
       left join partner p on p.program_id = k.program_id and k.beneficiary_kind = 'partner' and p.id = k.beneficiary_id
       ${partnerFactsAt('c.occurred_at')}
       where c.program_id = $1 and c.occurred_at >= $2 and c.occurred_at < $3
         and ($4::text is null or k.policy_id = $4) and ($5::text is null or (k.beneficiary_kind = 'partner' and k.beneficiary_id = $5))
     ),
     earned as (
       select key, currency, sum(minor)::bigint as minor
       from (
         select d.key, m.currency, m.amount_minor as minor
         from credited d
         join commission m on m.program_id = $1 and m.conversion_id = d.conversion_id and m.partner_id = d.partner_id
         where d.rank = 1
         union all
         select key, currency, minor from (${keptCommission(filter.groupBy, '$5')}) kept where $4::text is null
       ) posted
       group by key, currency
     ),
     summed as (
       select key, currency, sum(share_e12)::float8 as shares, sum(value_minor)::bigint as minor from credited group by key, currency
     )
     select coalesce(s.key, e.key) as key, coalesce(s.shares, 0) as shares,
       coalesce(s.minor, 0) as "valueMinor", coalesce(e.minor, 0) as "commissionMinor", coalesce(s.currency, e.currency) as currency
     from (select *, coalesce('=' || key, '') as name from summed) s
     full join (select *, coalesce('=' || key, '') as name from earned) e on e.name = s.name and e.currency = s.currency
     order by coalesce(s.minor, 0) desc, 1 nulls last, coalesce(s.currency, e.currency)`,
    [tx.programId, filter.from, filter.to, filter.policyId ?? null, filter.partnerId ?? null],
  );
  return rows.map(({ key, shares, valueMinor, commissionMinor, currency }) => ({
    key,
    value: { minor: valueMinor, currency },
    commission: { minor: commissionMinor, currency },
    conversions: shares / SHARES,
  }));
}
