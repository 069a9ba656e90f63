import type { Actor } from '../domain/actor.ts';
import { move } from '../domain/ledger/entry.ts';
import { partnerAccount } from '../domain/ledger/accounts.ts';
import { failed, paid, railFee, returned } from '../domain/ledger/posting.ts';
import type { Money } from '../domain/money/money.ts';
import { nextPayoutState } from '../domain/payout/state.ts';
import type { PayoutState } from '../domain/payout/state.ts';
import { movePayout } from '../db/queries/payout.ts';
import type { PayoutRow } from '../db/queries/payout.ts';
import { insertPayoutAttempt } from '../db/queries/payout-attempt.ts';
import { moveStatement, voidStatementApproval } from '../db/queries/statement.ts';
import type { Tx } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import type { LookUp, ProviderPayment } from './payout-providers/provider.ts';
import { payoutProvider } from './payout-providers/rail.ts';
import { mailPayout, notePayout, postPayout, withPayout } from './payout-record.ts';
import type { PayoutMoment } from './payout-record.ts';
import { failPayout } from './payout-send.ts';

/** What a look-up came to. `amountDiffers`: the provider moved another amount than it was asked for. */
export interface Confirmation {
  state: PayoutState;
  found: LookUp['kind'];
  /** What the provider's book says, when it knows the key. */
  bookState: ProviderPayment['state'] | null;
  amountDiffers: boolean;
}

/** States in which money may be on its way. */
const UNCERTAIN: readonly PayoutState[] = ['sent', 'unknown'];

/** Believing the provider's book, or two persons, about what became of a payment. Each may be repeated: a state is left once. */
export function createPayoutConfirmActivities({ pool, providers }: ActivityDeps) {
  return {
    /** Looks the payment up by its key and records what the provider's book says. Never sends. */
    async lookUpPayout(moment: PayoutMoment): Promise<Confirmation> {
      const { provider } = await withPayout(pool, moment, async (_tx, payout) => payout);
      const answer = await payoutProvider(providers, provider).lookUp(moment.payoutId);
      return withPayout(pool, moment, async (tx, payout) => {
        const detail =
          answer.kind === 'found' ? answer.payment.state : answer.kind === 'unreachable' ? answer.reason : undefined;
        await insertPayoutAttempt(tx, payout.id, { kind: 'look-up', result: answer.kind, detail });
        const state = answer.kind === 'found' ? await believe(tx, payout, answer.payment, moment.at) : payout.state;
        const amountDiffers = answer.kind === 'found' && answer.payment.amount.minor !== payout.amountMinor;
        const bookState = answer.kind === 'found' ? answer.payment.state : null;
        return { state, found: answer.kind, bookState, amountDiffers };
      });
    },

    /** Nobody can say whether the payment was made: from here on only persons decide. */
    async startInvestigation(moment: PayoutMoment): Promise<{ state: PayoutState }> {
      return withPayout(pool, moment, async (tx, payout) => {
        if (!UNCERTAIN.includes(payout.state)) return { state: payout.state };
        await movePayout(tx, payout.id, payout.state, 'investigation');
        await notePayout(tx, payout, 'payout.investigation', { at: moment.at });
        return { state: 'investigation' };
      });
    },

    /** Carries out what finance found: `paid`, or `not-paid` by two persons. */
    async concludeInvestigation(
      finding: PayoutMoment & { outcome: 'paid' | 'not-paid'; by: Actor },
    ): Promise<{ state: PayoutState }> {
      return withPayout(pool, finding, async (tx, payout) => {
        if (payout.state !== 'investigation') return { state: payout.state };
        await insertPayoutAttempt(tx, payout.id, { kind: 'person', result: finding.outcome, detail: finding.by.id });
        if (finding.outcome === 'paid') await recordPaid(tx, payout, payout.amountMinor, finding.at);
        else await failPayout(tx, payout, 'not-paid', finding.at);
        return { state: finding.outcome };
      });
    },
  };
}

/** Moves a payout to where the provider's book says its money is; what is known already changes nothing. */
async function believe(tx: Tx, payout: PayoutRow, payment: ProviderPayment, at: string): Promise<PayoutState> {
  const moved = payment.amount.minor;
  switch (payment.state) {
    case 'pending':
      if (!nextPayoutState(payout.state, 'found-sent')) return payout.state;
      await movePayout(tx, payout.id, payout.state, 'sent');
      await notePayout(tx, payout, 'payout.sent', { at, provider: payout.provider });
      return 'sent';
    case 'paid':
      if (!nextPayoutState(payout.state, 'confirmed')) return payout.state;
      await recordPaid(tx, payout, moved, at, payment.fee);
      return 'paid';
    case 'refused':
      if (!nextPayoutState(payout.state, 'rejected')) return payout.state;
      await failPayout(tx, payout, 'failed', at, 'refused');
      return 'failed';
    case 'returned': {
      if (nextPayoutState(payout.state, 'confirmed')) await recordPaid(tx, payout, moved, at, payment.fee);
      else if (!nextPayoutState(payout.state, 'came-back')) return payout.state;
      await recordReturned(tx, payout, payout.movedMinor ?? moved, at);
      return 'returned';
    }
  }
}

/**
 * The money left. What the provider moved too little goes back to payable; what it moved too much the partner owes. What the rail took for it is
 * our cost.
 */
async function recordPaid(tx: Tx, payout: PayoutRow, movedMinor: number, at: string, fee?: Money): Promise<void> {
  if (!(await movePayout(tx, payout.id, payout.state, 'paid', { settledAt: at, movedMinor }))) return;
  const { partnerId, currency, amountMinor } = payout;
  const covered = Math.min(movedMinor, amountMinor);
  if (covered > 0) await postPayout(tx, payout, paid({ currency, minor: covered }), at);
  if (movedMinor < amountMinor) {
    await postPayout(tx, payout, failed({ partnerId, currency, minor: amountMinor - movedMinor }), at, 'rest');
  }
  if (movedMinor > amountMinor) {
    const surplus = move('paid', currency, movedMinor - amountMinor, partnerAccount('receivable', partnerId), 'bank');
    await postPayout(tx, payout, surplus, at, 'surplus');
  }
  if (fee) await postPayout(tx, payout, railFee(fee), at);
  await moveStatement(tx, payout.statementId, ['drawn', 'approved', 'held'], 'paid');
  if (movedMinor !== amountMinor) await notePayout(tx, payout, 'payout.amount-differs', { at, movedMinor });
  await notePayout(tx, payout, 'payout.paid', { at, movedMinor });
  await mailPayout(tx, payout, 'payout-paid', { at, minor: movedMinor });
}

/** Money that was paid came back: payable again, and its statement is to be approved anew. */
async function recordReturned(tx: Tx, payout: PayoutRow, movedMinor: number, at: string): Promise<void> {
  if (!(await movePayout(tx, payout.id, 'paid', 'returned', { settledAt: at }))) return;
  const { partnerId, currency } = payout;
  await postPayout(tx, payout, returned({ partnerId, currency, minor: movedMinor }), at);
  await voidStatementApproval(tx, payout.statementId);
  await notePayout(tx, payout, 'payout.returned', { at, movedMinor });
  await mailPayout(tx, payout, 'payout-returned', { at, minor: movedMinor });
}
