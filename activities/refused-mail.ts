import { recordEvent } from '../db/queries/event.ts';
import { findRefusedMail, settleRefusals } from '../db/queries/mail-refusal.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { ApprovalDecision } from './approval.ts';
import type { ActivityDeps } from './deps.ts';
import { currentWorkflow } from './workflow-context.ts';

/** What the task shows: whose address it is, what was to be sent, and what the server said. */
export async function refusedMailData(
  tx: Tx,
  { subject }: { subject: { id: string } },
): Promise<Record<string, unknown>> {
  const mail = await findRefusedMail(tx, subject.id);
  return mail ? { name: mail.name, address: mail.address, template: mail.template, answer: mail.answer } : {};
}

/** What a person decides about an address that takes no mail. */
export function createRefusedMailActivities({ pool }: ActivityDeps) {
  return {
    /** `fixed`: everything that was refused goes out again, to the address of today; `ignore`: it stays unsent. */
    async settleRefusedMail(decision: ApprovalDecision): Promise<void> {
      const { programId, subjectId: id, outcome, by: actor, at } = decision;
      await inTransaction(pool, programId, async (tx) => {
        const { settled, resent } = await settleRefusals(tx, id, { resend: outcome === 'fixed' });
        if (settled === 0) return;
        const mail = await findRefusedMail(tx, id);
        await recordEvent(tx, {
          kind: outcome === 'fixed' ? 'mail.resent' : 'mail.ignored',
          actor,
          subject: { type: 'mail', id },
          partnerId: mail?.partnerId ?? null,
          data: { count: outcome === 'fixed' ? resent : settled },
          at,
          workflow: currentWorkflow(),
        });
      });
    },
  };
}
