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
        const isWanted = outcome === 'approve';
        const window = isWanted ? await windowFor(tx, adjustment, receivedAt) : undefined;
        // The person decided already and is asked no second time: what cannot be posted any more is rejected, and says why.
        const reason = isWanted ? reasonAgainst(adjustment, window) : null;
        const isApproved = isWanted && reason === null;
        const isNew = await decideAdjustmentRow(tx, subjectId, {
          state: isApproved ? 'approved' : 'rejected',
          decidedBy: by.id ?? by.kind,
          receivedAt: isApproved ? receivedAt : null,
        });
        if (!isNew) return;
        if (isApproved) await post(tx, adjustment, window!, receivedAt);
        await recordEvent(tx, {
          kind: reason !== null ? 'adjustment.not-posted' : isApproved ? 'adjustment.approved' : 'adjustment.rejected',
          actor: by,
          subject: { type: 'adjustment', id: subjectId },
          partnerId: adjustment.partnerId,
          data: { amountMinor: adjustment.amountMinor, currency: adjustment.currency, ...(reason && { reason }) },
          at,
          workflow: currentWorkflow(),
        });
      });
    },
  };
}

type OpenWindow = NonNullable<Awaited<ReturnType<typeof findOpenWindow>>>;

async function windowFor(tx: Tx, { partnerId }: AdjustmentRow, receivedAt: string): Promise<OpenWindow | undefined> {
  await openWindowsThrough(tx, partnerId, receivedAt, { afterEnd: true });
  return findOpenWindow(tx, partnerId, receivedAt);
}

/** It was right when it was asked for; contracts may have changed since. */
function reasonAgainst({ currency }: AdjustmentRow, window: OpenWindow | undefined): string | null {
  if (!window) return 'The partner has no contract, and so no window that could hold it.';
  if (window.currency === currency) return null;
  return `The partner is paid in ${window.currency} now. Ask for it in that currency.`;
}

async function post(tx: Tx, adjustment: AdjustmentRow, window: OpenWindow, receivedAt: string): Promise<void> {
  const { id, partnerId, currency, amountMinor: minor } = adjustment;
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
