import type { Money } from '../../domain/money/money.ts';
import type { Tx } from '../transaction.ts';

/** What a settlement must know of its window. */
export interface SettlementWindow {
  id: string;
  no: number;
  partnerId: string;
  locksAt: string;
  statementAt: string;
  payAt: string;
  currency: string;
  /** The last window of an ended contract. */
  isFinal: boolean;
  /** The partner's last window before those of its next contract; null: there is none. */
  untilNo: number | null;
  /** Of the contract version, in the window's currency, that is in force at its end; null where no contract says one. */
  minimumPayout: Money | null;
}

export async function findSettlementWindow(tx: Tx, id: string): Promise<SettlementWindow | undefined> {
  const { rows } = await tx.query<SettlementWindow>(
    `select w.id, w.no, w.partner_id as "partnerId", w.locks_at as "locksAt", w.statement_at as "statementAt",
       w.pay_at as "payAt", w.currency, w.is_final as "isFinal", n.no - 1 as "untilNo", v.terms -> 'minimumPayout' as "minimumPayout"
     from attribution_window w
     left join lateral (
       select v.terms from contract_fact f
       join contract_version v on v.program_id = f.program_id and v.contract_id = f.contract_id and v.version = f.version
       where f.program_id = w.program_id and f.contract_id = w.contract_id and f.kind = 'in-force' and f.at < w.to_at
         and v.terms ->> 'currency' = w.currency
       order by f.at desc, f.version desc limit 1
     ) v on true
     left join lateral (
       select min(n.no) as no from attribution_window n
       where n.program_id = w.program_id and n.partner_id = w.partner_id and n.no > w.no and n.contract_id <> w.contract_id
     ) n on true
     where w.program_id = $1 and w.id = $2 and w.partner_id is not null`,
    [tx.programId, id],
  );
  return rows[0];
}

/**
 * This window and earlier ones that no statement has: their locks are posted before anything is stated. After the last window of a
 * contract also later ones, which hold corrections.
 */
export async function listWindowsToLock(tx: Tx, window: SettlementWindow, at: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select w.id from attribution_window w
     where w.program_id = $1 and w.partner_id = $2 and w.locks_at <= $3 and ($4::int is null or w.no <= $4)
       and not exists (select from statement s where s.program_id = w.program_id and s.window_id = w.id)
     order by w.no`,
    [tx.programId, window.partnerId, at, window.isFinal ? null : window.no],
  );
  return rows.map((row) => row.id);
}
