import { queueIntakeWork } from '../intake/work.ts';
import { lockWindowsOf } from '../locks.ts';
import type { Tx } from '../transaction.ts';
import { deleteWindowsFrom, endWindowOfOther } from './window.ts';

/**
 * Forgets the windows of a partner that are written ahead, because its calendar, zone or currency is another from `fromAt` on: whoever opens
 * windows next writes them by what holds now. In the caller's transaction, which has joined the intake barrier and locked the partner's book.
 * @param receivedAt the stamp of the change
 */
export async function forgetWindowsAhead(
  tx: Tx,
  { partnerId, fromAt, receivedAt }: { partnerId: string; fromAt: string; receivedAt: string },
): Promise<void> {
  await lockWindowsOf(tx, partnerId);
  if ((await deleteWindowsFrom(tx, { partnerId, fromAt, now: receivedAt })) === 0) return;
  // A conversion that is dated ahead may have been credited already.
  await queueIntakeWork(tx, [{ kind: 'lock', partnerId, fromAt }], receivedAt);
}

/**
 * Makes room for the windows of a partner's next contract: those that followed the end of the one before, so that corrections had an open
 * window, end where it begins. What they hold stays theirs, and their locks stay. In the caller's transaction, as `forgetWindowsAhead`, after it.
 */
export async function endWindowsBefore(
  tx: Tx,
  {
    partnerId,
    contractId,
    fromAt,
    receivedAt,
  }: { partnerId: string; contractId: string; fromAt: string; receivedAt: string },
): Promise<void> {
  await lockWindowsOf(tx, partnerId);
  await endWindowOfOther(tx, { partnerId, contractId, toAt: fromAt, now: receivedAt });
}
