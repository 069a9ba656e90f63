import type { Tx } from '../transaction.ts';

/** What the feed must look at again, and since when: the cause's own stamp. */
export interface IntakeWork {
  kind: 'conversion' | 'touchpoint' | 'merge' | 'refund' | 'void' | 'range' | 'evaluation';
  conversionId?: string | null;
  identityId?: string | null;
  partnerId?: string | null;
  externalId?: string | null;
  evaluationId?: string | null;
  fromAt?: string | null;
  toAt?: string | null;
}

/** Queues work for the feed in the transaction of its cause. `receivedAt` is the stamp of that cause. */
export async function queueIntakeWork(tx: Tx, work: readonly IntakeWork[], receivedAt: string): Promise<void> {
  if (work.length === 0) return;
  await tx.query(
    `insert into intake_work (program_id, kind, conversion_id, identity_id, partner_id, external_id, evaluation_id, from_at, to_at, received_at)
     select $1, w.kind, w."conversionId", w."identityId", w."partnerId", w."externalId", w."evaluationId", w."fromAt", w."toAt", $3
     from jsonb_to_recordset($2::jsonb) as w (
       kind text, "conversionId" text, "identityId" text, "partnerId" text, "externalId" text, "evaluationId" text,
       "fromAt" timestamptz, "toAt" timestamptz
     )`,
    [tx.programId, JSON.stringify(work), receivedAt],
  );
}
