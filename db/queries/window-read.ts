import { WINDOW_COLUMNS } from './window.ts';
import type { AttributionWindow } from './window.ts';
import type { Tx } from '../transaction.ts';

/** A window with its state: open until its end, closed until its lock is carried out, then locked. */
export type WindowView = AttributionWindow & { state: 'open' | 'closed' | 'locked' };

/** Windows of partners in order of their ids; `from` and `to` name windows that begin in the range. */
export async function listWindowViews(
  tx: Tx,
  filter: { partnerId?: string; from?: string; to?: string; afterId?: string; limit: number },
): Promise<WindowView[]> {
  const { rows } = await tx.query<WindowView>(
    `select ${WINDOW_COLUMNS},
       case when w.locks_at <= k.sealed_at then 'locked' when w.to_at <= clock_timestamp() then 'closed' else 'open' end as state
     from attribution_window w
     join program_clock k on k.program_id = w.program_id
     where w.program_id = $1 and w.partner_id is not null and ($2::text is null or w.partner_id = $2)
       and ($3::timestamptz is null or w.from_at >= $3) and ($4::timestamptz is null or w.from_at < $4)
       and ($5::text is null or w.id > $5)
     order by w.id
     limit $6`,
    [
      tx.programId,
      filter.partnerId ?? null,
      filter.from ?? null,
      filter.to ?? null,
      filter.afterId ?? null,
      filter.limit,
    ],
  );
  return rows;
}
