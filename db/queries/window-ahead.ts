import { queueIntakeWork } from '../intake/work.ts';
import { lockWindowsOf } from '../locks.ts';
import type { Tx } from '../transaction.ts';
import { deleteWindowsFrom } from './window.ts';

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
