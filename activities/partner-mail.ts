import type { PartnerState } from '../domain/partner/lifecycle.ts';
import { queueMail } from '../db/queries/mail-outbox.ts';
import { partnerAddressee } from '../db/queries/task-audience.ts';
import type { Tx } from '../db/transaction.ts';

/** States that a partner is told of; in the others a task of theirs tells them what to do. */
const TOLD: readonly PartnerState[] = ['waitlisted', 'declined', 'expired', 'active', 'paused', 'ended'];

/** Tells a partner where it stands now, once per state and instant. */
export async function mailPartnerStatus(
  tx: Tx,
  step: { partnerId: string; status: PartnerState; round: number; reason: string | null; at: string },
): Promise<void> {
  if (!TOLD.includes(step.status)) return;
  const to = await partnerAddressee(tx, step.partnerId, step.at);
  if (!to) return;
  await queueMail(tx, {
    key: `partner/${step.partnerId}/${step.status}/${step.at}`,
    template: `partner-${step.status}`,
    language: to.language,
    to: { name: to.name, address: to.address },
    data: { reason: step.reason },
    partnerId: step.partnerId,
  });
}
