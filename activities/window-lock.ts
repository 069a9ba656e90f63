import { DomainError } from '../domain/errors.ts';
import { findSettlementWindow, listWindowsToLock } from '../db/queries/settlement-window.ts';
import { inTransaction } from '../db/transaction.ts';
import { settleBoundary } from './attribution/advance.ts';
import { lockWindow } from './attribution/lock-window.ts';
import type { ActivityDeps } from './deps.ts';
import { drainOptions } from './feed.ts';

/** Closing a window for good. Every step of it may be repeated: a boundary is sealed once, a lock posted once. */
export function createWindowLockActivities({ pool }: ActivityDeps) {
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
      const { holdIds } = await settleBoundary(pool, programId, window.locksAt, drainOptions(at));
      const ids = await inTransaction(pool, programId, (tx) => listWindowsToLock(tx, window, at));
      for (const id of ids) {
        const of = await inTransaction(pool, programId, (tx) => findSettlementWindow(tx, id));
        if (of) await settleBoundary(pool, programId, of.locksAt, drainOptions(at));
        await lockWindow(pool, programId, id, at);
      }
      return { holds: holdIds.length };
    },
  };
}
