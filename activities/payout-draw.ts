import { DomainError } from '../domain/errors.ts';
import type { PayoutState } from '../domain/payout/state.ts';
import { extraApprovers } from '../domain/program/settings.ts';
import { joinBooks, lockPartnerBooks } from '../db/locks.ts';
import { recordEvent } from '../db/queries/event.ts';
import type { EventKind } from '../domain/event/catalogue.ts';
import { partnerBalances } from '../db/queries/ledger.ts';
import { findPayout, insertPayout, listPayoutsOfStatement } from '../db/queries/payout.ts';
import { readPayoutGate } from '../db/queries/payout-gate.ts';
import { readProgramFrame } from '../db/queries/program-settings.ts';
import { findStatement, moveStatement, sumReserved, voidStatementApproval } from '../db/queries/statement.ts';
import type { StatementRow } from '../db/queries/statement.ts';
import { findVerifiedDetails } from '../db/queries/verified-details.ts';
import type { VerifiedDetails } from '../db/queries/verified-details.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import { railOf } from './payout-providers/rail.ts';
import { notePayout } from './payout-record.ts';
import { currentWorkflow } from './workflow-context.ts';

/** Where an approved statement stands on its way to a payout. */
export type PayoutDraw =
  | { kind: 'drawn'; payoutId: string; extraApprovers: number }
  /** Approved, but the money waits until this is done; `partnerReady` says when to ask again. */
  | { kind: 'waiting'; for: 'details' | 'training' | 'partner-paused' }
  /** The approval fell, because the details it was given for are others now. */
  | { kind: 'void' }
  /** Corrections took everything; the balance goes to the next statement. */
  | { kind: 'nothing' };

const CAME_TO_NOTHING: readonly PayoutState[] = ['failed', 'not-paid', 'returned', 'cancelled'];

/** Making the payout of an approved statement: at most one is alive, and a repeated attempt finds it. */
export function createPayoutDrawActivities({ pool }: ActivityDeps) {
  return {
    async drawPayout(request: { programId: string; statementId: string; at: string }): Promise<PayoutDraw> {
      return inTransaction(pool, request.programId, async (tx) => {
        const seen = await findStatement(tx, request.statementId);
        if (!seen) throw new DomainError('not-found', `There is no statement ${request.statementId}.`);
        await joinBooks(tx);
        await lockPartnerBooks(tx, [seen.partnerId]);
        const statement = (await findStatement(tx, seen.id))!;
        const alive = (await listPayoutsOfStatement(tx, statement.id)).find(
          ({ state }) => !CAME_TO_NOTHING.includes(state),
        );
        const { settings } = await readProgramFrame(tx);
        if (alive)
          return {
            kind: 'drawn',
            payoutId: alive.id,
            extraApprovers: extraApprovers(settings.thresholds, alive.amountMinor),
          };
        if (statement.state !== 'approved') return { kind: 'void' };
        const gate = await readPayoutGate(tx, statement.partnerId);
        const details = await findVerifiedDetails(tx, statement.partnerId);
        if (gate.partnerStatus === 'paused') return wait(tx, statement, 'partner-paused', request.at);
        if (!details) return wait(tx, statement, 'details', request.at);
        if (settings.gates.training === 'payout' && gate.openTrainings > 0)
          return wait(tx, statement, 'training', request.at);
        if (statement.detailsId !== null && statement.detailsId !== details.id) {
          await voidStatementApproval(tx, statement.id);
          await note(tx, statement, 'statement.approval-void', { reason: 'details-changed' }, request.at);
          return { kind: 'void' };
        }
        return make(tx, statement, details, request.at);
      });
    },
  };

  async function make(tx: Tx, statement: StatementRow, details: VerifiedDetails, at: string): Promise<PayoutDraw> {
    const { partnerId, currency } = statement;
    const { payable } = await partnerBalances(tx, partnerId, currency);
    const free = payable - (await sumReserved(tx, { partnerId, currency, exceptId: statement.id }));
    const amountMinor = Math.min(statement.amountMinor, free);
    if (amountMinor <= 0) {
      await moveStatement(tx, statement.id, ['approved'], 'carried', { note: 'Corrections took what was to be paid.' });
      await note(tx, statement, 'statement.carried', { amountMinor: 0, carryMinor: free, currency }, at);
      return { kind: 'nothing' };
    }
    const payoutId = await insertPayout(tx, {
      partnerId,
      statementId: statement.id,
      amountMinor,
      currency,
      provider: railOf(details.method),
      detailsId: details.id,
      detailsHash: details.hash,
      approvedBy: statement.approvedBy,
      approvedAt: statement.approvedAt,
    });
    await notePayout(tx, (await findPayout(tx, payoutId))!, 'payout.drawn', { at });
    const { settings } = await readProgramFrame(tx);
    return { kind: 'drawn', payoutId, extraApprovers: extraApprovers(settings.thresholds, amountMinor) };
  }
}

async function wait(
  tx: Tx,
  statement: StatementRow,
  waitingFor: 'details' | 'training' | 'partner-paused',
  at: string,
): Promise<PayoutDraw> {
  // Said once per reason, however often the settlement asks.
  if (statement.note !== waitingFor) {
    await moveStatement(tx, statement.id, ['approved'], 'approved', { note: waitingFor });
    await note(tx, statement, 'statement.waiting', { waitingFor }, at);
  }
  return { kind: 'waiting', for: waitingFor };
}

async function note(
  tx: Tx,
  statement: StatementRow,
  kind: EventKind,
  data: Record<string, unknown>,
  at: string,
): Promise<void> {
  await recordEvent(tx, {
    kind,
    actor: { kind: 'system' },
    subject: { type: 'statement', id: statement.id },
    partnerId: statement.partnerId,
    data,
    at,
    workflow: currentWorkflow(),
  });
}
