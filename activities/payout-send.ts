import { DomainError } from '../domain/errors.ts';
import { failed } from '../domain/ledger/posting.ts';
import type { PayoutState } from '../domain/payout/state.ts';
import { movePayout } from '../db/queries/payout.ts';
import type { PayoutRow } from '../db/queries/payout.ts';
import { insertPayoutAttempt, listPayoutAttempts } from '../db/queries/payout-attempt.ts';
import { findDetails } from '../db/queries/verified-details.ts';
import { voidStatementApproval } from '../db/queries/statement.ts';
import type { Tx } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import type { SendResult } from './payout-providers/provider.ts';
import { payoutProvider } from './payout-providers/rail.ts';
import { mailPayout, notePayout, postPayout, withPayout } from './payout-record.ts';
import type { PayoutMoment } from './payout-record.ts';
import { movement } from './payout-release.ts';

/** Where the payout stands after the call; `retryAfterMs` only when the provider booked nothing and may be asked again. */
export interface Sent {
  state: PayoutState;
  retryAfterMs?: number;
}

/**
 * The one call of a payout. Its key, the payout's id, and the attempt are stored and committed before the call, so a process that
 * dies in it leaves `started` behind, and the repeated attempt of this activity looks up instead of sending again.
 */
export function createPayoutSendActivities({ pool, providers }: ActivityDeps) {
  return {
    async sendPayout(moment: PayoutMoment): Promise<Sent> {
      const ready = await withPayout(pool, moment, (tx, payout) => storeKey(tx, payout, moment.at));
      if (!('account' in ready)) return ready;
      const { payout, account } = ready;
      const { id: key, amountMinor: minor, currency } = payout;
      const metadata = { programId: moment.programId, payoutId: key };
      const result = await payoutProvider(providers, payout.provider).send({
        key,
        amount: { minor, currency },
        account,
        metadata,
      });
      return withPayout(pool, moment, (tx, standing) => recordAnswer(tx, standing, result, moment.at));
    },
  };
}

/** Marks the attempt, unless an earlier one may have reached the provider. */
async function storeKey(tx: Tx, payout: PayoutRow, at: string): Promise<{ payout: PayoutRow; account: string } | Sent> {
  const details = await findDetails(tx, payout.detailsId);
  if (!details) throw new DomainError('not-found', `The payout details of ${payout.id} are gone.`);
  if (payout.state === 'released') {
    await movePayout(tx, payout.id, 'released', 'sending', { sentAt: at });
  } else if (payout.state === 'sending') {
    const last = (await listPayoutAttempts(tx, payout.id)).findLast((attempt) => attempt.kind === 'send');
    if (last?.result !== 'retry') return toUnknown(tx, payout, 'the process ended during the call', at);
  } else {
    return { state: payout.state };
  }
  await insertPayoutAttempt(tx, payout.id, { kind: 'send', result: 'started' });
  return { payout, account: details.account };
}

/** The answer meets what a webhook's look-up may have found first: a payout that moved on already stays where it is. */
async function recordAnswer(tx: Tx, payout: PayoutRow, result: SendResult, at: string): Promise<Sent> {
  const detail = 'reason' in result ? result.reason : undefined;
  await insertPayoutAttempt(tx, payout.id, { kind: 'send', result: result.kind, detail });
  if (payout.state !== 'sending') return { state: payout.state };
  switch (result.kind) {
    case 'retry':
      return { state: 'sending', retryAfterMs: result.afterMs };
    case 'unknown':
      return toUnknown(tx, payout, result.reason, at);
    case 'sent':
      await movePayout(tx, payout.id, 'sending', 'sent');
      await notePayout(tx, payout, 'payout.sent', { at, provider: payout.provider });
      return { state: 'sent' };
    case 'refused':
      await failPayout(tx, payout, 'failed', at, result.reason);
      return { state: 'failed' };
  }
}

async function toUnknown(tx: Tx, payout: PayoutRow, reason: string, at: string): Promise<Sent> {
  await movePayout(tx, payout.id, 'sending', 'unknown', { failure: reason });
  await notePayout(tx, payout, 'payout.unknown', { at });
  return { state: 'unknown' };
}

/** A definite no, by the provider or by two persons: the money is payable again, and its statement is to be approved anew. */
export async function failPayout(
  tx: Tx,
  payout: PayoutRow,
  to: 'failed' | 'not-paid',
  at: string,
  failure?: string,
): Promise<void> {
  if (!(await movePayout(tx, payout.id, payout.state, to, { settledAt: at, failure }))) return;
  await postPayout(tx, payout, failed(movement(payout)), at);
  await voidStatementApproval(tx, payout.statementId);
  await notePayout(tx, payout, `payout.${to}`, { at });
  await mailPayout(tx, payout, 'payout-failed', { at, minor: payout.amountMinor });
}
