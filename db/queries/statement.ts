import type { Tx } from '../transaction.ts';
import { STANDING_HOLDS } from './standing-hold.ts';

/** A commission that no statement holds yet, and where its money stands. */
export interface UnstatedRow {
  commissionId: string;
  minor: number;
  /** `payable`: a correction of money that was stated before; it was posted there and only needs its line. */
  place: 'locked' | 'payable';
}

/** Which rows a statement may take. */
export interface StatementScope {
  partnerId: string;
  currency: string;
  /** Windows up to this number; null: all. */
  windowNo: number | null;
  /**
   * For what comes after the last statement of a contract: also rows in another currency than their window, wherever that is, for no regular
   * statement has them.
   */
  isRest: boolean;
  /** The instant of drawing. */
  at: string;
}

const UNSTATED = `
  from commission c
  join attribution_window w on w.program_id = c.program_id and w.id = c.window_id
  join program_clock k on k.program_id = c.program_id
  where c.program_id = $1 and c.partner_id = $2 and c.currency = $3
    and ($4::int is null or w.no <= $4 or $6 and c.currency <> w.currency)
    and not exists (select from statement_line l where l.program_id = c.program_id and l.commission_id = c.id)`;

/**
 * Rows for the next statement: their window is locked, no statement holds them, their hold time is over and no hold stands.
 * A correction that was taken from stated money waits for nothing.
 */
export async function listUnstated(tx: Tx, scope: StatementScope): Promise<UnstatedRow[]> {
  const { rows } = await tx.query<{ id: string; amount_minor: number; place: UnstatedRow['place'] }>(
    `select c.id, c.amount_minor,
       case when c.account = 'payable' then 'payable' else 'locked' end as place
     ${UNSTATED} and w.locks_at <= k.sealed_at
       and (c.account = 'payable' or (c.payable_from <= $5 and not exists (${STANDING_HOLDS})))
     order by c.id`,
    [tx.programId, scope.partnerId, scope.currency, scope.windowNo, scope.at, scope.isRest],
  );
  return rows.map((row) => ({ commissionId: row.id, minor: row.amount_minor, place: row.place }));
}

/** What still waits after a statement, and when the next of it is free by time: its window locked and its hold time over. */
export async function countHeldBack(tx: Tx, scope: StatementScope): Promise<{ rows: number; nextAt: string | null }> {
  const { rows } = await tx.query<{ rows: number; next_at: string | null }>(
    `select count(*)::int as rows,
       min(greatest(c.payable_from, w.locks_at)) filter (where greatest(c.payable_from, w.locks_at) > $5) as next_at ${UNSTATED}`,
    [tx.programId, scope.partnerId, scope.currency, scope.windowNo, scope.at, scope.isRest],
  );
  return { rows: rows[0]?.rows ?? 0, nextAt: rows[0]?.next_at ?? null };
}

/** In which currencies a partner has rows that no statement holds: `first` before the others. */
export async function listUnstatedCurrencies(tx: Tx, partnerId: string, first: string): Promise<string[]> {
  const { rows } = await tx.query<{ currency: string }>(
    `select c.currency
     from commission c
     where c.program_id = $1 and c.partner_id = $2
       and not exists (select from statement_line l where l.program_id = c.program_id and l.commission_id = c.id)
     group by c.currency
     order by c.currency <> $3, c.currency`,
    [tx.programId, partnerId, first],
  );
  return rows.map(({ currency }) => currency);
}

export type StatementKind = 'regular' | 'supplementary' | 'final';
export type StatementState = 'drawn' | 'approved' | 'held' | 'carried' | 'empty' | 'paid';

/** A statement. `net`, `vat` and `gross` are of its own new lines; carry is what came from and goes to other statements. */
export interface StatementRow {
  id: string;
  partnerId: string;
  windowId: string;
  kind: StatementKind;
  currency: string;
  carryInMinor: number;
  carryInGrossMinor: number;
  netMinor: number;
  vatMode: 'none' | 'add' | 'included' | 'reverse-charge';
  vatRateBps: number;
  vatMinor: number;
  grossMinor: number;
  /** What is to be paid out; 0 when the balance is carried. */
  amountMinor: number;
  carryOutMinor: number;
  carryOutGrossMinor: number;
  state: StatementState;
  note: string | null;
  /** The verified payout details that stood when it was approved; null when there were none yet. */
  detailsId: string | null;
  approvedBy: string | null;
  approvedAt: string | null;
  drawnAt: string;
  expectedPayAt: string;
}

const COLUMNS = `id, partner_id as "partnerId", window_id as "windowId", kind, currency, carry_in_minor as "carryInMinor",
  carry_in_gross_minor as "carryInGrossMinor", net_minor as "netMinor", vat_mode as "vatMode", vat_rate_bps as "vatRateBps",
  vat_minor as "vatMinor", gross_minor as "grossMinor", amount_minor as "amountMinor", carry_out_minor as "carryOutMinor",
  carry_out_gross_minor as "carryOutGrossMinor", state, note, details_id as "detailsId", approved_by as "approvedBy",
  approved_at as "approvedAt", drawn_at as "drawnAt", expected_pay_at as "expectedPayAt"`;

export async function findStatement(tx: Tx, id: string): Promise<StatementRow | undefined> {
  const { rows } = await tx.query<StatementRow>(`select ${COLUMNS} from statement where program_id = $1 and id = $2`, [
    tx.programId,
    id,
  ]);
  return rows[0];
}

/** The regular or final statement of a window, if it was drawn. */
export async function findStatementOfWindow(tx: Tx, windowId: string): Promise<StatementRow | undefined> {
  const { rows } = await tx.query<StatementRow>(
    `select ${COLUMNS} from statement where program_id = $1 and window_id = $2 and kind <> 'supplementary'`,
    [tx.programId, windowId],
  );
  return rows[0];
}

/** Statements of a partner, newest first. */
export async function listStatements(
  tx: Tx,
  { partnerId, limit, before }: { partnerId?: string; limit: number; before?: string },
): Promise<StatementRow[]> {
  const { rows } = await tx.query<StatementRow>(
    `select ${COLUMNS} from statement
     where program_id = $1 and ($2::text is null or partner_id = $2) and ($4::text is null or id < $4)
     order by id desc limit $3`,
    [tx.programId, partnerId ?? null, limit, before ?? null],
  );
  return rows;
}

export type NewStatement = Omit<StatementRow, 'note' | 'detailsId' | 'approvedBy' | 'approvedAt'>;

/** Writes a statement with its lines; rows come sorted by commission, so that two statements never wait for each other. */
export async function insertStatement(tx: Tx, statement: NewStatement, lines: readonly UnstatedRow[]): Promise<void> {
  await tx.query(
    `insert into statement (program_id, id, partner_id, window_id, kind, currency, carry_in_minor, carry_in_gross_minor,
       net_minor, vat_mode, vat_rate_bps, vat_minor, gross_minor, amount_minor, carry_out_minor, carry_out_gross_minor,
       state, drawn_at, expected_pay_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
    [
      tx.programId,
      statement.id,
      statement.partnerId,
      statement.windowId,
      statement.kind,
      statement.currency,
      statement.carryInMinor,
      statement.carryInGrossMinor,
      statement.netMinor,
      statement.vatMode,
      statement.vatRateBps,
      statement.vatMinor,
      statement.grossMinor,
      statement.amountMinor,
      statement.carryOutMinor,
      statement.carryOutGrossMinor,
      statement.state,
      statement.drawnAt,
      statement.expectedPayAt,
    ],
  );
  await tx.query(
    `insert into statement_line (program_id, statement_id, commission_id, amount_minor)
     select $1, $2, commission_id, minor from unnest($3::text[], $4::bigint[]) as line (commission_id, minor)
     order by commission_id`,
    [tx.programId, statement.id, lines.map((line) => line.commissionId), lines.map((line) => line.minor)],
  );
}

/** Gross amounts of the partner's other statements that are to be paid and have not been. */
export async function sumReserved(
  tx: Tx,
  { partnerId, currency, exceptId }: { partnerId: string; currency: string; exceptId?: string },
): Promise<number> {
  const { rows } = await tx.query<{ sum: number }>(
    `select coalesce(sum(s.amount_minor), 0)::bigint as sum
     from statement s
     where s.program_id = $1 and s.partner_id = $2 and s.currency = $3 and s.state in ('drawn', 'approved', 'held')
       and s.id is distinct from $4
       and not exists (
         select from payout p
         where p.program_id = s.program_id and p.statement_id = s.id
           and p.state in ('released', 'sending', 'sent', 'unknown', 'investigation', 'paid'))`,
    [tx.programId, partnerId, currency, exceptId ?? null],
  );
  return rows[0]?.sum ?? 0;
}

/** The net carry that the partner's last statement in this currency left, with its gross. */
export async function lastCarryOut(
  tx: Tx,
  partnerId: string,
  currency: string,
): Promise<{ netMinor: number; grossMinor: number }> {
  const { rows } = await tx.query<{ net: number; gross: number }>(
    `select carry_out_minor as net, carry_out_gross_minor as gross from statement
     where program_id = $1 and partner_id = $2 and currency = $3 order by id desc limit 1`,
    [tx.programId, partnerId, currency],
  );
  return { netMinor: rows[0]?.net ?? 0, grossMinor: rows[0]?.gross ?? 0 };
}

/** Moves a statement on if it stands in one of the states that allow it; false when it does not. */
export async function moveStatement(
  tx: Tx,
  id: string,
  from: readonly StatementState[],
  to: StatementState,
  change: { note?: string; detailsId?: string | null; approvedBy?: string; approvedAt?: string } = {},
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update statement set state = $4, note = coalesce($5, note), details_id = coalesce($6, details_id),
       approved_by = coalesce($7, approved_by), approved_at = coalesce($8, approved_at)
     where program_id = $1 and id = $2 and state = any ($3)`,
    [
      tx.programId,
      id,
      from,
      to,
      change.note ?? null,
      change.detailsId ?? null,
      change.approvedBy ?? null,
      change.approvedAt ?? null,
    ],
  );
  return rowCount === 1;
}

/** An approval falls: the statement is to be approved again, under the details that stand then. */
export async function voidStatementApproval(tx: Tx, id: string): Promise<void> {
  await tx.query(
    `update statement set state = 'drawn', details_id = null, approved_by = null, approved_at = null
     where program_id = $1 and id = $2 and state in ('approved', 'held', 'paid')`,
    [tx.programId, id],
  );
}
