import type { CommissionAccount, CommissionKind, CommissionRuleNote } from './commission.ts';
import type { Calendar } from '../../domain/contract/terms.ts';
import type { Tx } from '../transaction.ts';
import { STANDING_HOLDS } from './standing-hold.ts';
import { WAITS_FOR_END } from './former-currency.ts';

export const COMMISSION_STATES = ['pending', 'held', 'locked', 'payable', 'paid', 'carried'] as const;
export type CommissionState = (typeof COMMISSION_STATES)[number];

/** A commission as people read it: how far its money has come, and what it waits for. */
export interface CommissionView {
  id: string;
  partnerId: string;
  conversionId: string | null;
  conversionAt: string | null;
  kind: CommissionKind;
  amountMinor: number;
  currency: string;
  cappedMinor: number;
  state: CommissionState;
  /** What holds it: `hold-stands` with the words of the hold, or `hold-time`. */
  heldBecause: 'hold-stands' | 'hold-time' | null;
  holdReason: string | null;
  windowId: string;
  windowNo: number;
  account: CommissionAccount;
  locksAt: string;
  timeZone: string;
  /** It is in a currency that its contract had before: it is stated and paid after the contract's end. */
  waitsForEnd: boolean;
  /** When the window is paid; a hold that lasts longer moves it. */
  windowPayAt: string;
  payableFrom: string;
  /** Of its statement, once it is on one. */
  statementId: string | null;
  statementPayAt: string | null;
  /** The calendar of its contract; null where it belongs to none. */
  calendar: Calendar | null;
  rule: CommissionRuleNote | null;
  contractId: string | null;
  contractVersion: number | null;
  policyId: string | null;
  evaluationId: string | null;
  adjustmentId: string | null;
  entryId: string | null;
  reason: string | null;
  createdAt: string;
}

export interface CommissionFilter {
  id?: string;
  partnerId?: string;
  conversionId?: string;
  windowId?: string;
  statementId?: string;
  state?: CommissionState;
  kind?: string;
  from?: string;
  to?: string;
  afterId?: string;
  limit: number;
}

/**
 * Commissions in order of their ids. The state follows the money: on a statement it is payable, carried or paid (a carried one with
 * the later statement that took the carry in); before that it is held, locked or pending (settlement.md §2). Only where a state or a statement is
 * asked for is more than the page looked at.
 */
export async function listCommissionViews(tx: Tx, filter: CommissionFilter): Promise<CommissionView[]> {
  const { rows } = await tx.query<CommissionView>(
    `with shown as (
       select c.id, c.partner_id as "partnerId", c.conversion_id as "conversionId", c.conversion_at as "conversionAt", c.kind,
         c.amount_minor as "amountMinor", c.currency, c.capped_minor as "cappedMinor",
         case
           when l.statement_id is not null then
             case coalesce(taken.state, s.state) when 'paid' then 'paid' when 'carried' then 'carried' else 'payable' end
           when h.id is not null then 'held'
           when c.account = 'payable' then 'payable'
           when w.locks_at > k.sealed_at then 'pending'
           when c.payable_from > clock_timestamp() then 'held'
           else 'locked'
         end as state,
         case
           when l.statement_id is not null then null
           when h.id is not null then 'hold-stands'
           when c.account <> 'payable' and w.locks_at <= k.sealed_at and c.payable_from > clock_timestamp() then 'hold-time'
         end as "heldBecause",
         case when l.statement_id is null then h.reason end as "holdReason",
         l.statement_id is null and ${WAITS_FOR_END} as "waitsForEnd",
         c.window_id as "windowId", w.no as "windowNo", c.account, w.locks_at as "locksAt", w.time_zone as "timeZone",
         w.pay_at as "windowPayAt", c.payable_from as "payableFrom", l.statement_id as "statementId",
         coalesce(taken.expected_pay_at, s.expected_pay_at) as "statementPayAt", v.terms -> 'calendar' as calendar, c.rule,
         c.contract_id as "contractId", c.contract_version as "contractVersion", c.policy_id as "policyId", c.evaluation_id as "evaluationId",
         c.adjustment_id as "adjustmentId", c.entry_id as "entryId", c.reason, c.created_at as "createdAt"
       from (
         select c.* from commission c
         where c.program_id = $1
           and ($2::text is null or c.id = $2) and ($3::text is null or c.partner_id = $3) and ($4::text is null or c.conversion_id = $4)
           and ($5::text is null or c.window_id = $5) and ($7::text is null or c.kind = $7)
           and ($8::timestamptz is null or coalesce(c.conversion_at, c.created_at) >= $8)
           and ($9::timestamptz is null or coalesce(c.conversion_at, c.created_at) < $9)
           and ($10::text is null or c.id > $10)
         order by c.id
         limit case when $11::text is null and $6::text is null then $12::integer end
       ) c
       join attribution_window w on w.program_id = c.program_id and w.id = c.window_id
       join program_clock k on k.program_id = c.program_id
       left join statement_line l on l.program_id = c.program_id and l.commission_id = c.id
       left join statement s on s.program_id = c.program_id and s.id = l.statement_id
       left join lateral (
         select n.state, n.expected_pay_at from statement n
         where s.state = 'carried' and n.program_id = s.program_id and n.partner_id = s.partner_id and n.currency = s.currency and n.id > s.id
           and n.state <> 'carried'
         order by n.id limit 1
       ) taken on true
       left join lateral (
         select h.id, h.reason from (${STANDING_HOLDS}) h
         order by h.id limit 1
       ) h on true
       left join lateral (
         select v.terms from contract_version v
         where v.program_id = c.program_id and v.contract_id = coalesce(c.contract_id, w.contract_id)
           and (c.contract_version is null or v.version = c.contract_version)
         order by v.version desc limit 1
       ) v on true
       where ($6::text is null or l.statement_id = $6)
     )
     select * from shown where $11::text is null or state = $11 order by id limit $12`,
    [
      tx.programId,
      filter.id ?? null,
      filter.partnerId ?? null,
      filter.conversionId ?? null,
      filter.windowId ?? null,
      filter.statementId ?? null,
      filter.kind ?? null,
      filter.from ?? null,
      filter.to ?? null,
      filter.afterId ?? null,
      filter.state ?? null,
      filter.limit,
    ],
  );
  return rows;
}
