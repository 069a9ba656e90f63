import type { Tx } from '../transaction.ts';

/** Whether neither feed nor poster has work left that was received before an instant; rows that are being consumed still show. */
export async function isDrainedBefore(tx: Tx, before: string): Promise<boolean> {
  const { rows } = await tx.query<{ is_drained: boolean }>(
    `select not exists (select from intake_work where program_id = $1 and received_at < $2)
       and not exists (select from commission_work where program_id = $1 and received_at < $2) as is_drained`,
    [tx.programId, before],
  );
  return rows[0]?.is_drained === true;
}
