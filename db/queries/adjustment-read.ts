import type { Tx } from '../transaction.ts';
import type { AdjustmentRow } from './adjustment.ts';

/** An adjustment with the task in which it is decided, and the commission that it became. */
export interface AdjustmentView extends AdjustmentRow {
  createdAt: string;
  taskId: string | null;
  commissionId: string | null;
}

/** Adjustments in order of their ids. */
export async function listAdjustmentViews(
  tx: Tx,
  filter: { id?: string; partnerId?: string; state?: string; afterId?: string; limit: number },
): Promise<AdjustmentView[]> {
  const { rows } = await tx.query<AdjustmentView>(
    `select a.id, a.partner_id as "partnerId", a.amount_minor as "amountMinor", a.currency, a.reason, a.relates_to as "relatesTo",
       a.requested_by as "requestedBy", a.state, a.decided_by as "decidedBy", a.created_at as "createdAt", t.id as "taskId",
       c.id as "commissionId"
     from adjustment a
     left join task t on t.program_id = a.program_id and t.kind = 'adjustment.approval' and t.subject_id = a.id
     left join commission c on c.program_id = a.program_id and c.adjustment_id = a.id
     where a.program_id = $1 and ($2::text is null or a.id = $2) and ($3::text is null or a.partner_id = $3)
       and ($4::text is null or a.state = $4) and ($5::text is null or a.id > $5)
     order by a.id
     limit $6`,
    [
      tx.programId,
      filter.id ?? null,
      filter.partnerId ?? null,
      filter.state ?? null,
      filter.afterId ?? null,
      filter.limit,
    ],
  );
  return rows;
}
