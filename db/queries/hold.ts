import type { Tx } from '../transaction.ts';

export interface HoldRow {
  id: string;
  partnerId: string;
  /** The hold covers this commission, this conversion, or, when both are null, everything of the partner. */
  commissionId: string | null;
  conversionId: string | null;
  reason: string;
  untilAt: string | null;
  placedBy: string;
  placedAt: string;
  endedAt: string | null;
  ending: 'lifted' | 'confirmed' | 'elapsed' | null;
  taskId: string | null;
}

const COLUMNS = `id, partner_id as "partnerId", commission_id as "commissionId", conversion_id as "conversionId", reason,
  until_at as "untilAt", placed_by as "placedBy", placed_at as "placedAt", ended_at as "endedAt", ending, task_id as "taskId"`;

export async function findHold(tx: Tx, id: string): Promise<HoldRow | undefined> {
  const { rows } = await tx.query<HoldRow>(`select ${COLUMNS} from hold where program_id = $1 and id = $2`, [
    tx.programId,
    id,
  ]);
  return rows[0];
}

export type NewHold = Pick<
  HoldRow,
  'id' | 'partnerId' | 'commissionId' | 'conversionId' | 'reason' | 'untilAt' | 'placedBy' | 'placedAt'
>;

/** Places a hold; false when it is there. The caller holds the partner's book. */
export async function insertHold(tx: Tx, hold: NewHold): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into hold (program_id, id, partner_id, commission_id, conversion_id, reason, until_at, placed_by, placed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (program_id, id) do nothing`,
    [
      tx.programId,
      hold.id,
      hold.partnerId,
      hold.commissionId,
      hold.conversionId,
      hold.reason,
      hold.untilAt,
      hold.placedBy,
      hold.placedAt,
    ],
  );
  return rowCount === 1;
}

/** Ends a hold once. */
export async function endHoldRow(
  tx: Tx,
  id: string,
  ending: { ending: 'lifted' | 'confirmed'; by: string; at: string; taskId: string },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update hold set ended_at = $3, ended_by = $4, ending = $5, task_id = $6 where program_id = $1 and id = $2 and ended_at is null`,
    [tx.programId, id, ending.at, ending.by, ending.ending, ending.taskId],
  );
  return rowCount === 1;
}

/** A commission and whose it is. */
export async function findHeldCommission(
  tx: Tx,
  id: string,
): Promise<{ partnerId: string; conversionId: string | null } | undefined> {
  const { rows } = await tx.query<{ partnerId: string; conversionId: string | null }>(
    'select partner_id as "partnerId", conversion_id as "conversionId" from commission where program_id = $1 and id = $2',
    [tx.programId, id],
  );
  return rows[0];
}

/**
 * Conversions whose commissions a hold covers: the one that it names, wherever its money stands, or those of the partner that are not paid. A
 * statement that was carried is paid with the first later one.
 */
export async function listHeldConversions(tx: Tx, hold: HoldRow): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select distinct c.conversion_id as id from commission c
     where c.program_id = $1 and c.partner_id = $2 and c.conversion_id is not null
       and (c.conversion_id = $4
         or c.conversion_id = (select x.conversion_id from commission x where x.program_id = $1 and x.id = $3)
         or ($3::text is null and $4::text is null and not exists (
           select from statement_line l
           join statement s on s.program_id = l.program_id and s.id = l.statement_id
           where l.program_id = c.program_id and l.commission_id = c.id
             and (s.state = 'paid' or (s.state in ('carried', 'empty') and exists (
               select from statement later
               where later.program_id = s.program_id and later.partner_id = s.partner_id and later.currency = s.currency
                 and later.drawn_at > s.drawn_at and later.state = 'paid'))))))
     order by 1`,
    [tx.programId, hold.partnerId, hold.commissionId, hold.conversionId],
  );
  return rows.map((row) => row.id);
}

/** Manual rows without a statement that a hold covers. */
export async function listHeldManual(
  tx: Tx,
  hold: HoldRow,
): Promise<{ id: string; minor: number; currency: string; windowId: string; isLocked: boolean }[]> {
  const { rows } = await tx.query<{ id: string; minor: number; currency: string; windowId: string; isLocked: boolean }>(
    `select c.id, c.amount_minor as minor, c.currency, c.window_id as "windowId", w.locks_at <= k.sealed_at as "isLocked"
     from commission c
     join attribution_window w on w.program_id = c.program_id and w.id = c.window_id
     join program_clock k on k.program_id = c.program_id
     where c.program_id = $1 and c.partner_id = $2 and c.kind = 'manual'
       and not exists (select from statement_line l where l.program_id = c.program_id and l.commission_id = c.id)
       and (($3::text is null and $4::text is null) or c.id = $3)
     order by c.id`,
    [tx.programId, hold.partnerId, hold.commissionId, hold.conversionId],
  );
  return rows;
}
