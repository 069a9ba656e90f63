import { CREDIT_GROUPS, partnerFactsAt } from './credit-group.ts';
import type { CreditGroup } from './credit-group.ts';

/**
 * Commission of partners that no credit in force names any more, for the conversions of a range ($2 to $3 of program $1): goodwill after a waived
 * re-evaluation, for instance. Such a part has no channel, content or sub-id. Columns `key`, `day`, `currency`, `minor`; sums of 0 are left out.
 * @param partner the parameter that holds the one partner asked for, or null
 */
export const keptCommission = (groupBy: CreditGroup, partner: string) => `
  select ${CREDIT_GROUPS[groupBy]} as key, (c.occurred_at at time zone 'UTC')::date::text as day, k.currency, k.minor
  from (
    select o.id as conversion_id, 'partner' as beneficiary_kind, x.partner_id as beneficiary_id, null::text as channel, null::text as content_id,
      null::text as sub_id, x.currency, sum(x.amount_minor)::bigint as minor
    from conversion o
    join commission x on x.program_id = o.program_id and x.conversion_id = o.id
    where o.program_id = $1 and o.occurred_at >= $2 and o.occurred_at < $3 and (${partner}::text is null or x.partner_id = ${partner})
      and not exists (
        select from conversion_state s
        join credit i on i.program_id = s.program_id and i.conversion_id = s.conversion_id and i.generation = s.generation
          and i.beneficiary_kind = 'partner'
        where s.program_id = o.program_id and s.conversion_id = o.id and i.conversion_at = o.occurred_at and i.beneficiary_id = x.partner_id
      )
    group by o.id, x.partner_id, x.currency
    having sum(x.amount_minor) <> 0
  ) k
  join conversion c on c.program_id = $1 and c.id = k.conversion_id
  left join partner p on p.program_id = c.program_id and p.id = k.beneficiary_id
  ${partnerFactsAt('c.occurred_at')}`;
