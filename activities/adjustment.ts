import { DomainError } from '../domain/errors.ts';
import { earned, reduced } from '../domain/ledger/posting.ts';
import { joinBooks, joinIntake, lockPartnerBooks } from '../db/locks.ts';
import {
  decideAdjustmentRow,
  findAdjustment,
  findOpenWindow,
  insertManualCommission,
} from '../db/queries/adjustment.ts';
import type { AdjustmentRow } from '../db/queries/adjustment.ts';
import { recordEvent } from '../db/queries/event.ts';
import { postEntry } from '../db/queries/ledger.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { ApprovalDecision } from './approval.ts';
import type { ActivityDeps } from './deps.ts';
import { openWindowsThrough } from './windows.ts';
import { currentWorkflow } from './workflow-context.ts';

/** What the decision on an adjustment does: a manual commission in the open window, with its entry in the books. */
export function createAdjustmentActivities({ pool }: ActivityDeps) {
  return {
    async decideAdjustment({ programId, subjectId, outcome, by, at }: ApprovalDecision): Promise<void> {
      await inTransaction(pool, programId, async (tx) => {
        // Received under the barrier, so that it is clear on which side of a lock it stands.
        const receivedAt = await joinIntake(tx);
        const adjustment = await findAdjustment(tx, subjectId);
        if (!adjustment) throw new DomainError('not-found', `There is no adjustment ${subjectId}.`);
        await joinBooks(tx);
        await lockPartnerBooks(tx, [adjustment.partnerId]);
        const isApproved = outcome === 'approve';
        const isNew = await decideAdjustmentRow(tx, subjectId, {
          state: isApproved ? 'approved' : 'rejected',
          decidedBy: by.id ?? by.kind,
          receivedAt: isApproved ? receivedAt : null,
        });
        if (!isNew) return;
        if (isApproved) await post(tx, adjustment, receivedAt);
        await recordEvent(tx, {
          kind: isApproved ? 'adjustment.approved' : 'adjustment.rejected',
          actor: by,
          subject: { type: 'adjustment', id: subjectId },
          partnerId: adjustment.partnerId,
          data: { amountMinor: adjustment.amountMinor, currency: adjustment.currency },
          at,
          workflow: currentWorkflow(),
        });
      });
    },
  };
}

async function post(tx: Tx, adjustment: AdjustmentRow, receivedAt: string): Promise<void> {
  const { id, partnerId, currency, amountMinor: minor } = adjustment;
  await openWindowsThrough(tx, partnerId, receivedAt, { afterEnd: true });
  const window = await findOpenWindow(tx, partnerId, receivedAt);
  if (!window)
    throw new DomainError(
      'conflict',
      'This partner has no contract yet, and so no window that could hold an adjustment.',
    );
  if (window.currency !== currency) {
    throw new DomainError(
      'conflict',
      `This partner is paid in ${window.currency}; ask for the adjustment in that currency.`,
    );
  }
  const of = { partnerId, currency, minor: Math.abs(minor) };
  const entry = minor > 0 ? earned(of) : reduced(of, 'pending');
  const subject = { type: 'adjustment', id };
  const entryId = await postEntry(tx, { ...entry, cause: `adjustment:${id}`, at: receivedAt, partnerId, subject });
  const { reason } = adjustment;
  const row = {
    partnerId,
    minor,
    currency,
    windowId: window.id,
    account: 'pending' as const,
    payableFrom: receivedAt,
    entryId,
    epoch: window.epoch,
  };
  await insertManualCommission(tx, { ...row, adjustmentId: id, reason });
}
