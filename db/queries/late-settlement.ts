import type { Tx } from '../transaction.ts';

export interface LateSettlement {
  partnerId: string;
  windowId: string;
  no: number;
}

/**
 * Last windows of ended contracts whose statement is drawn, where something came after it: a supplementary statement shows it. What windows of
 * a next contract hold is stated by theirs, but for rows in another currency. Those whose
 * settlement still runs are left out, for it looks by itself; one that ended a moment ago is found by the next look.
 */
export async function listLateSettlements(tx: Tx): Promise<LateSettlement[]> {
  const { rows } = await tx.query<LateSettlement>(
    `select w.partner_id as "partnerId", w.id as "windowId", w.no
     from attribution_window w
     join statement s on s.program_id = w.program_id and s.window_id = w.id and s.kind = 'final'
     where w.program_id = $1 and w.is_final
       and exists (
         select from commission c
         join attribution_window holds on holds.program_id = c.program_id and holds.id = c.window_id
         where c.program_id = w.program_id and c.partner_id = w.partner_id
           and (c.currency <> holds.currency or not exists (
             select from attribution_window n
             where n.program_id = w.program_id and n.partner_id = w.partner_id and n.no > w.no and n.no <= holds.no
               and n.contract_id <> w.contract_id))
           and not exists (select from statement_line l where l.program_id = c.program_id and l.commission_id = c.id))
       and not exists (
         select from workflow_run r
         where r.program_id = w.program_id and r.partner_id = w.partner_id and r.closed_at is null
           and r.workflow_id = 'settlement/' || w.partner_id || '/' || w.no)
     order by w.partner_id`,
    [tx.programId],
  );
  return rows;
}
