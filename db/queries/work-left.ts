import type { Tx } from '../transaction.ts';

/** Whether neither feed nor poster has work left that was received up to an instant; rows that are being consumed still show. */
export async function isDrainedThrough(tx: Tx, through: string): Promise<boolean> {
  const { rows } = await tx.query<{ is_drained: boolean }>(
    `select not exists (select from intake_work where program_id = $1 and received_at <= $2)
       and not exists (select from commission_work where program_id = $1 and received_at <= $2) as is_drained`,
    [tx.programId, through],
  );
  return rows[0]?.is_drained === true;
}
