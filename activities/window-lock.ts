import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { DomainError } from '../domain/errors.ts';
import { findSettlementWindow, listWindowsToLock } from '../db/queries/settlement-window.ts';
import { inTransaction } from '../db/transaction.ts';
import { settleBoundary } from './attribution/advance.ts';
import { lockWindow } from './attribution/lock-window.ts';
import type { ActivityDeps } from './deps.ts';

/** Closing a window for good. Every step of it may be repeated: a boundary is sealed once, a lock posted once. */
export function createWindowLockActivities({ pool, log }: ActivityDeps) {
  return {
    /**
     * Credits and posts everything received before the window's lock, seals it, and posts the locks of this window and of earlier ones.
     * @returns how many holds the screens placed on the way
     */
    async lockWindows({
      programId,
      windowId,
      at,
    }: {
      programId: string;
      windowId: string;
      at: string;
    }): Promise<{ holds: number }> {
      const window = await inTransaction(pool, programId, (tx) => findSettlementWindow(tx, windowId));
      if (!window) throw new DomainError('not-found', `There is no window ${windowId} of a partner.`);
      const { holdIds } = await settleBoundary(pool, programId, window.locksAt, {
        now: at,
        signal: cancellationSignal(),
        heartbeat: (done) => heartbeat(done),
      });
      const ids = await inTransaction(pool, programId, (tx) => listWindowsToLock(tx, window.partnerId, at));
      for (const id of ids) {
        heartbeat(id);
        const of = await inTransaction(pool, programId, (tx) => findSettlementWindow(tx, id));
        if (of) await settleBoundary(pool, programId, of.locksAt, { now: at, signal: cancellationSignal() });
        await lockWindow(pool, programId, id, at);
      }
      log.info({ programId, windowId, locked: ids.length, attempt: activityInfo().attempt }, 'windows locked');
      return { holds: holdIds.length };
    },
  };
}
