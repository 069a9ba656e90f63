import type { Tx } from '../transaction.ts';

/**
 * A commission `c` that no statement holds, in another currency than its window `w`: it is in one that the contract had before. No regular
 * statement has it; those after the end of a contract do, so it waits while none has ended.
 */
export const WAITS_FOR_END = `c.currency <> w.currency and not exists (
  select from attribution_window f where f.program_id = w.program_id and f.partner_id = w.partner_id and f.is_final)`;

/** What waits for the end of contracts in one currency. */
export interface WaitingForEnd {
  currency: string;
  minor: number;
  commissions: number;
  partners: number;
}

/** @param partnerId null: of everybody */
export async function sumWaitingForEnd(tx: Tx, partnerId: string | null): Promise<WaitingForEnd[]> {
  const { rows } = await tx.query<WaitingForEnd>(
    `select c.currency, sum(c.amount_minor)::bigint as minor, count(*)::int as commissions, count(distinct c.partner_id)::int as partners
     from (
       select partner_id from attribution_window
       where program_id = $1 and partner_id is not null and ($2::text is null or partner_id = $2)
       group by partner_id having min(currency) <> max(currency)
     ) changed
     join commission c on c.program_id = $1 and c.partner_id = changed.partner_id
     join attribution_window w on w.program_id = c.program_id and w.id = c.window_id
     where ${WAITS_FOR_END} and c.amount_minor <> 0
       and not exists (select from statement_line l where l.program_id = c.program_id and l.commission_id = c.id)
     group by c.currency
     order by c.currency`,
    [tx.programId, partnerId],
  );
  return rows;
}
