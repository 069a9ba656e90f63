import { TOLD_STATES } from '../domain/mail/template.ts';
import type { PartnerState } from '../domain/partner/lifecycle.ts';
import { queueMail } from '../db/queries/mail-outbox.ts';
import { partnerAddressee } from '../db/queries/task-audience.ts';
import type { Tx } from '../db/transaction.ts';

/** Tells a partner where it stands now, once per state and instant. */
export async function mailPartnerStatus(
  tx: Tx,
  step: {
    partnerId: string;
    status: PartnerState;
    round: number;
    reason: string | null;
    /** Of a contract that expired: the letter says so in the partner's language, instead of `reason`. */
    expiresAt?: string;
    at: string;
  },
): Promise<void> {
  const told = TOLD_STATES.find((state) => state === step.status);
  if (!told) return;
  const to = await partnerAddressee(tx, step.partnerId, step.at);
  if (!to) return;
  await queueMail(tx, {
    key: `partner/${step.partnerId}/${step.status}/${step.at}`,
    template: `partner-${told}`,
    language: to.language,
    to: { name: to.name, address: to.address },
    data: step.expiresAt === undefined ? { reason: step.reason } : { expiredAt: step.expiresAt },
    partnerId: step.partnerId,
  });
}
