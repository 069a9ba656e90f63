import { newId } from '../ids.ts';
import type { Tx } from '../transaction.ts';

/** Where a partner wants their money, as they gave it. */
export interface GivenDetails {
  method: 'sepa' | 'sandbox';
  accountHolder: string;
  iban?: string;
  account?: string;
  /** ISO 3166-1 alpha-2. */
  taxCountry: string;
  vatId?: string;
  smallBusiness?: boolean;
}

export interface PayoutDetailsRow {
  id: string;
  partnerId: string;
  state: 'submitted' | 'verified' | 'rejected' | 'replaced';
  hash: string;
  submittedAt: string;
  decidedBy: string | null;
  holdUntil: string | null;
}

const COLUMNS = `id, partner_id as "partnerId", state, hash, submitted_at as "submittedAt", decided_by as "decidedBy",
  hold_until as "holdUntil"`;

/** Stores details that wait for their verification, once per partner, content and instant. @returns their id */
export async function insertPayoutDetails(
  tx: Tx,
  partnerId: string,
  details: GivenDetails,
  { hash, at }: { hash: string; at: string },
): Promise<string> {
  const { rows } = await tx.query<{ id: string }>(
    'select id from payout_details where program_id = $1 and partner_id = $2 and hash = $3 and submitted_at = $4',
    [tx.programId, partnerId, hash, at],
  );
  if (rows[0]) return rows[0].id;
  const id = newId('payoutDetails');
  await tx.query(
    `insert into payout_details (program_id, id, partner_id, method, account_holder, iban, account, tax_country, vat_id,
       small_business, hash, submitted_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      tx.programId,
      id,
      partnerId,
      details.method,
      details.accountHolder,
      details.method === 'sepa' ? details.iban?.replaceAll(' ', '') : null,
      details.method === 'sandbox' ? details.account : null,
      details.taxCountry,
      details.vatId ?? null,
      details.smallBusiness ?? false,
      hash,
      at,
    ],
  );
  return id;
}

export async function findPayoutDetails(tx: Tx, id: string): Promise<PayoutDetailsRow | undefined> {
  const { rows } = await tx.query<PayoutDetailsRow>(
    `select ${COLUMNS} from payout_details where program_id = $1 and id = $2`,
    [tx.programId, id],
  );
  return rows[0];
}

/** Whether the partner ever had verified details before. */
export async function hadVerifiedDetails(tx: Tx, partnerId: string): Promise<boolean> {
  const { rows } = await tx.query(
    `select 1 from payout_details where program_id = $1 and partner_id = $2 and state in ('verified', 'replaced') limit 1`,
    [tx.programId, partnerId],
  );
  return rows.length > 0;
}

/** Puts details in force in place of the ones before. The caller holds the partner's book. */
export async function replaceVerifiedDetails(
  tx: Tx,
  details: { id: string; partnerId: string },
  decision: { by: string; at: string; holdUntil: string | null },
): Promise<void> {
  await tx.query(
    `update payout_details set state = 'replaced' where program_id = $1 and partner_id = $2 and state = 'verified'`,
    [tx.programId, details.partnerId],
  );
  await tx.query(
    `update payout_details set state = 'verified', decided_by = $3, decided_at = $4, hold_until = $5
     where program_id = $1 and id = $2 and state = 'submitted'`,
    [tx.programId, details.id, decision.by, decision.at, decision.holdUntil],
  );
}

export async function rejectPayoutDetailsRow(tx: Tx, id: string, by: string, at: string): Promise<void> {
  await tx.query(
    `update payout_details set state = 'rejected', decided_by = $3, decided_at = $4
     where program_id = $1 and id = $2 and state = 'submitted'`,
    [tx.programId, id, by, at],
  );
}
