import { newId } from '../ids.ts';
import type { Tx } from '../transaction.ts';
import type { PayoutState } from '../../domain/payout/state.ts';

export interface PayoutRow {
  id: string;
  partnerId: string;
  statementId: string;
  amountMinor: number;
  currency: string;
  state: PayoutState;
  provider: string;
  detailsId: string;
  detailsHash: string;
  approvedBy: string | null;
  approvedAt: string | null;
  releasedBy: string | null;
  releasedAt: string | null;
  sentAt: string | null;
  settledAt: string | null;
  failure: string | null;
  /** What the provider moved in truth, once it is known. */
  movedMinor: number | null;
  createdAt: string;
}

const COLUMNS = `id, partner_id as "partnerId", statement_id as "statementId", amount_minor as "amountMinor", currency, state,
  provider, details_id as "detailsId", details_hash as "detailsHash", approved_by as "approvedBy", approved_at as "approvedAt",
  released_by as "releasedBy", released_at as "releasedAt", sent_at as "sentAt", settled_at as "settledAt", failure,
  moved_minor as "movedMinor", created_at as "createdAt"`;

export async function findPayout(tx: Tx, id: string): Promise<PayoutRow | undefined> {
  const { rows } = await tx.query<PayoutRow>(`select ${COLUMNS} from payout where program_id = $1 and id = $2`, [
    tx.programId,
    id,
  ]);
  return rows[0];
}

/** The payout and its row's lock: every change of a payout's state goes through here. */
export async function lockPayout(tx: Tx, id: string): Promise<PayoutRow | undefined> {
  const { rows } = await tx.query<PayoutRow>(
    `select ${COLUMNS} from payout where program_id = $1 and id = $2 for no key update`,
    [tx.programId, id],
  );
  return rows[0];
}

/** All payouts of a statement, oldest first; at most the last one is alive. */
export async function listPayoutsOfStatement(tx: Tx, statementId: string): Promise<PayoutRow[]> {
  const { rows } = await tx.query<PayoutRow>(
    `select ${COLUMNS} from payout where program_id = $1 and statement_id = $2 order by id`,
    [tx.programId, statementId],
  );
  return rows;
}

/** Payouts, newest first. */
export async function listPayouts(
  tx: Tx,
  filter: { partnerId?: string; from?: string; to?: string; limit: number; before?: string },
): Promise<PayoutRow[]> {
  const { rows } = await tx.query<PayoutRow>(
    `select ${COLUMNS} from payout
     where program_id = $1 and ($2::text is null or partner_id = $2)
       and ($3::timestamptz is null or created_at >= $3) and ($4::timestamptz is null or created_at < $4)
       and ($6::text is null or id < $6)
     order by id desc limit $5`,
    [
      tx.programId,
      filter.partnerId ?? null,
      filter.from ?? null,
      filter.to ?? null,
      filter.limit,
      filter.before ?? null,
    ],
  );
  return rows;
}

export type NewPayout = Pick<
  PayoutRow,
  | 'partnerId'
  | 'statementId'
  | 'amountMinor'
  | 'currency'
  | 'provider'
  | 'detailsId'
  | 'detailsHash'
  | 'approvedBy'
  | 'approvedAt'
>;

/** Makes the payout of a statement; the caller holds the partner's book and knows that no other one is alive. */
export async function insertPayout(tx: Tx, payout: NewPayout): Promise<string> {
  const id = newId('payout');
  await tx.query(
    `insert into payout (program_id, id, partner_id, statement_id, amount_minor, currency, state, provider, details_id,
       details_hash, approved_by, approved_at)
     values ($1, $2, $3, $4, $5, $6, 'approved', $7, $8, $9, $10, $11)`,
    [
      tx.programId,
      id,
      payout.partnerId,
      payout.statementId,
      payout.amountMinor,
      payout.currency,
      payout.provider,
      payout.detailsId,
      payout.detailsHash,
      payout.approvedBy,
      payout.approvedAt,
    ],
  );
  return id;
}

/** What changes with a payout's state. */
export type PayoutChange = Partial<
  Pick<PayoutRow, 'releasedBy' | 'releasedAt' | 'sentAt' | 'settledAt' | 'failure' | 'movedMinor'>
>;

/**
 * Moves a payout to the next state if it still stands where the caller saw it: webhook and answer meet here, one of them wins.
 * @returns false when it was moved meanwhile
 */
export async function movePayout(
  tx: Tx,
  id: string,
  from: PayoutState,
  to: PayoutState,
  change: PayoutChange = {},
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update payout set state = $4, released_by = coalesce($5, released_by), released_at = coalesce($6, released_at),
       sent_at = coalesce($7, sent_at), settled_at = coalesce($8, settled_at), failure = coalesce($9, failure),
       moved_minor = coalesce($10, moved_minor)
     where program_id = $1 and id = $2 and state = $3`,
    [
      tx.programId,
      id,
      from,
      to,
      change.releasedBy ?? null,
      change.releasedAt ?? null,
      change.sentAt ?? null,
      change.settledAt ?? null,
      change.failure ?? null,
      change.movedMinor ?? null,
    ],
  );
  return rowCount === 1;
}

/** Payouts of a partner that two persons have not let go yet. */
export async function listApprovedPayouts(tx: Tx, partnerId: string): Promise<PayoutRow[]> {
  const { rows } = await tx.query<PayoutRow>(
    `select ${COLUMNS} from payout where program_id = $1 and partner_id = $2 and state = 'approved' order by id`,
    [tx.programId, partnerId],
  );
  return rows;
}
