import type { HoldRow } from './hold.ts';
import type { Tx } from '../transaction.ts';

/** A hold with the task in which a person decides on it. */
export type HoldView = HoldRow & { reviewTaskId: string | null };

/** Holds in order of their ids. */
export async function listHoldViews(
  tx: Tx,
  filter: { id?: string; partnerId?: string; isStanding?: boolean; afterId?: string; limit: number },
): Promise<HoldView[]> {
  const { rows } = await tx.query<HoldView>(
    `select h.id, h.partner_id as "partnerId", h.commission_id as "commissionId", h.conversion_id as "conversionId", h.reason,
       h.until_at as "untilAt", h.placed_by as "placedBy", h.placed_at as "placedAt", h.ended_at as "endedAt", h.ending,
       h.task_id as "taskId", t.id as "reviewTaskId"
     from hold h
     left join lateral (
       select id from task t
       where t.program_id = h.program_id and t.kind = 'hold.review' and t.subject_type = 'hold' and t.subject_id = h.id
       order by t.opened_at desc limit 1
     ) t on true
     where h.program_id = $1 and ($2::text is null or h.id = $2) and ($3::text is null or h.partner_id = $3)
       and ($4::boolean is null or (h.ended_at is null) = $4) and ($5::text is null or h.id > $5)
     order by h.id
     limit $6`,
    [
      tx.programId,
      filter.id ?? null,
      filter.partnerId ?? null,
      filter.isStanding ?? null,
      filter.afterId ?? null,
      filter.limit,
    ],
  );
  return rows;
}
