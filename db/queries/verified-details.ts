import type { Tx } from '../transaction.ts';

/** The payout details that a person verified; a partner has one such row at most. */
export interface VerifiedDetails {
  id: string;
  method: 'sepa' | 'sandbox';
  accountHolder: string;
  /** IBAN or account name, by method. */
  account: string;
  taxCountry: string;
  vatId: string | null;
  isSmallBusiness: boolean;
  hash: string;
  /** Payouts wait until then, because the details replaced others. */
  holdUntil: string | null;
}

const COLUMNS = `id, method, account_holder as "accountHolder", coalesce(iban, account) as account, tax_country as "taxCountry", vat_id as "vatId",
  small_business as "isSmallBusiness", hash, hold_until as "holdUntil"`;

export async function findVerifiedDetails(tx: Tx, partnerId: string): Promise<VerifiedDetails | undefined> {
  const { rows } = await tx.query<VerifiedDetails>(
    `select ${COLUMNS} from payout_details where program_id = $1 and partner_id = $2 and state = 'verified'`,
    [tx.programId, partnerId],
  );
  return rows[0];
}

/** The account that a payout was approved for, whatever became of the details since. */
export async function findDetails(tx: Tx, id: string): Promise<VerifiedDetails | undefined> {
  const { rows } = await tx.query<VerifiedDetails>(
    `select ${COLUMNS} from payout_details where program_id = $1 and id = $2`,
    [tx.programId, id],
  );
  return rows[0];
}
