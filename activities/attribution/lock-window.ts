import { joinBooks, lockPartnerBooks } from '../../db/locks.ts';
import type { Pool } from '../../db/pool.ts';
import { sumPendingOfWindow } from '../../db/queries/commission.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { postEntry } from '../../db/queries/ledger.ts';
import { hasEntry } from '../../db/queries/ledger-account.ts';
import { readClock } from '../../db/queries/program-clock.ts';
import { getWindow } from '../../db/queries/window.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Tx } from '../../db/transaction.ts';
import { SYSTEM } from '../../domain/actor.ts';
import { DomainError } from '../../domain/errors.ts';
import { locked } from '../../domain/ledger/posting.ts';
import { isBefore } from '../../db/attribution/evidence-limit.ts';
import { currentWorkflow } from '../workflow-context.ts';

/**
 * Posts the lock of a window: its rows move from `pending` to `locked`, once. Nothing can be added to it any more.
 * @throws DomainError `conflict` while its lock is not sealed: settle the boundary first
 */
export async function lockWindow(pool: Pool, programId: string, windowId: string, at: string): Promise<void> {
  await inTransaction(pool, programId, (tx) => lockWindowIn(tx, windowId, at));
}

/** As `lockWindow`, in the caller's transaction, with the partner's lock taken in it. */
export async function lockWindowIn(tx: Tx, windowId: string, at: string): Promise<void> {
  const window = await getWindow(tx, windowId);
  const { sealedAt } = await readClock(tx);
  if (!isBefore(window.locksAt, sealedAt, true)) {
    throw new DomainError(
      'conflict',
      `Window ${windowId} locks at ${window.locksAt}, and only ${sealedAt} is sealed. Settle the boundary first.`,
    );
  }
  if (window.partnerId === null) return;
  await joinBooks(tx);
  await lockPartnerBooks(tx, [window.partnerId]);
  for (const { currency, minor } of await sumPendingOfWindow(tx, windowId)) {
    const cause = currency === window.currency ? `lock:${windowId}` : `lock:${windowId}:${currency}`;
    const entry = locked({ partnerId: window.partnerId, currency, minor });
    if (await hasEntry(tx, cause)) continue;
    await postEntry(tx, {
      ...entry,
      cause,
      at,
      partnerId: window.partnerId,
      subject: { type: 'window', id: windowId },
    });
    await recordEvent(tx, {
      kind: 'window.locked',
      actor: SYSTEM,
      at,
      subject: { type: 'window', id: windowId },
      partnerId: window.partnerId,
      data: { no: window.no, minor, currency },
      workflow: currentWorkflow(),
    });
  }
}
