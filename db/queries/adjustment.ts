import { newId } from '../ids.ts';
import { insertCommissions } from './commission.ts';
import type { Tx } from '../transaction.ts';

export interface AdjustmentRow {
  id: string;
  partnerId: string;
  amountMinor: number;
  currency: string;
  reason: string;
  relatesTo: string | null;
  requestedBy: string;
  state: 'submitted' | 'approved' | 'rejected';
  decidedBy: string | null;
}

const COLUMNS = `id, partner_id as "partnerId", amount_minor as "amountMinor", currency, reason, relates_to as "relatesTo",
  requested_by as "requestedBy", state, decided_by as "decidedBy"`;

export async function findAdjustment(tx: Tx, id: string): Promise<AdjustmentRow | undefined> {
  const { rows } = await tx.query<AdjustmentRow>(
    `select ${COLUMNS} from adjustment where program_id = $1 and id = $2`,
    [tx.programId, id],
  );
  return rows[0];
}

/** Stores what somebody asks for; the same id again changes nothing. */
export async function insertAdjustment(tx: Tx, adjustment: Omit<AdjustmentRow, 'state' | 'decidedBy'>): Promise<void> {
  await tx.query(
    `insert into adjustment (program_id, id, partner_id, amount_minor, currency, reason, relates_to, requested_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (program_id, id) do nothing`,
    [
      tx.programId,
      adjustment.id,
      adjustment.partnerId,
      adjustment.amountMinor,
      adjustment.currency,
      adjustment.reason,
      adjustment.relatesTo,
      adjustment.requestedBy,
    ],
  );
}

/** Decides an adjustment once; false when it was decided before. An approved one is a fact, received at `receivedAt`. */
export async function decideAdjustmentRow(
  tx: Tx,
  id: string,
  decision: { state: 'approved' | 'rejected'; decidedBy: string; receivedAt: string | null },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update adjustment set state = $3, decided_by = $4, received_at = $5 where program_id = $1 and id = $2 and state = 'submitted'`,
    [tx.programId, id, decision.state, decision.decidedBy, decision.receivedAt],
  );
  return rowCount === 1;
}

/** A commission that no conversion earned: an approved adjustment, or the counterpart of a confirmed hold. */
export interface ManualCommission {
  partnerId: string;
  minor: number;
  currency: string;
  windowId: string;
  account: 'pending' | 'locked';
  payableFrom: string;
  entryId: string;
  epoch: number;
  adjustmentId: string | null;
  reason: string;
}

export async function insertManualCommission(tx: Tx, { minor, epoch, ...row }: ManualCommission): Promise<string> {
  const id = newId('commission');
  const nothing = {
    conversionId: null,
    conversionAt: null,
    originWindowId: null,
    rule: null,
    contractId: null,
    contractVersion: null,
    policyId: null,
    evaluationId: null,
  };
  await insertCommissions(
    tx,
    [
      {
        ...nothing,
        ...row,
        id,
        revision: 1,
        kind: 'manual',
        amountMinor: minor,
        totalAfterMinor: minor,
        cappedMinor: 0,
      },
    ],
    epoch,
  );
  return id;
}

/** The partner's window that is open for what is received at this instant, with the epoch that rows carry now. */
export async function findOpenWindow(
  tx: Tx,
  partnerId: string,
  receivedAt: string,
): Promise<{ id: string; currency: string; epoch: number } | undefined> {
  const { rows } = await tx.query<{ id: string; currency: string; epoch: number }>(
    `select w.id, w.currency, k.epoch from attribution_window w
     join program_clock k on k.program_id = w.program_id
     where w.program_id = $1 and w.partner_id = $2 and w.to_at > $3 and w.locks_at > $3
     order by w.from_at limit 1`,
    [tx.programId, partnerId, receivedAt],
  );
  return rows[0];
}
