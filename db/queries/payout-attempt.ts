import type { Tx } from '../transaction.ts';

/** `started` is written before a call, so that a process that dies in it leaves a trace. */
export interface PayoutAttempt {
  no: number;
  kind: 'send' | 'look-up' | 'webhook' | 'person';
  result: string;
  detail: string | null;
  at: string;
}

/** Notes one attempt; the caller holds the payout's row, so numbers follow each other. */
export async function insertPayoutAttempt(
  tx: Tx,
  payoutId: string,
  attempt: { kind: PayoutAttempt['kind']; result: string; detail?: string },
): Promise<void> {
  await tx.query(
    `insert into payout_attempt (program_id, payout_id, no, kind, result, detail)
     select $1, $2, coalesce(max(no), 0) + 1, $3, $4, $5
     from payout_attempt where program_id = $1 and payout_id = $2`,
    [tx.programId, payoutId, attempt.kind, attempt.result, attempt.detail ?? null],
  );
}

export async function listPayoutAttempts(tx: Tx, payoutId: string): Promise<PayoutAttempt[]> {
  const { rows } = await tx.query<PayoutAttempt>(
    'select no, kind, result, detail, at from payout_attempt where program_id = $1 and payout_id = $2 order by no',
    [tx.programId, payoutId],
  );
  return rows;
}
