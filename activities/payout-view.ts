import { DomainError } from '../domain/errors.ts';
import { extraApprovers } from '../domain/program/settings.ts';
import { isPayoutClosed } from '../domain/payout/state.ts';
import type { PayoutState } from '../domain/payout/state.ts';
import { findPayout } from '../db/queries/payout.ts';
import { readProgramFrame } from '../db/queries/program-settings.ts';
import { findStatement } from '../db/queries/statement.ts';
import { approversOf, countTasksAbout } from '../db/queries/task-persons.ts';
import { inTransaction } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';

/** What the payout's workflow must know of it. */
export interface PayoutView {
  programId: string;
  payoutId: string;
  partnerId: string;
  state: PayoutState;
  isClosed: boolean;
  /** Not before this instant. */
  payAt: string;
  /** Persons behind the approval of its statement; none of them may release it. */
  approvers: string[];
  /** Approvers needed beyond the two that every payout has. */
  extraApprovers: number;
  /** Tasks of earlier runs, so that a new question never finds an old decision. */
  releasesAsked: number;
  investigationsAsked: number;
  differencesAsked: number;
}

export function createPayoutViewActivities({ pool }: ActivityDeps) {
  return {
    async readPayout({ programId, payoutId }: { programId: string; payoutId: string }): Promise<PayoutView> {
      return inTransaction(pool, programId, async (tx) => {
        const payout = await findPayout(tx, payoutId);
        const statement = payout && (await findStatement(tx, payout.statementId));
        if (!statement) throw new DomainError('not-found', `There is no payout ${payoutId}.`);
        const { settings } = await readProgramFrame(tx);
        const subject = { type: 'payout', id: payoutId };
        return {
          programId,
          payoutId,
          partnerId: payout.partnerId,
          state: payout.state,
          isClosed: isPayoutClosed(payout.state),
          payAt: statement.expectedPayAt,
          approvers: await approversOf(tx, {
            kind: 'settlement.approval',
            subject: { type: 'statement', id: statement.id },
          }),
          extraApprovers: extraApprovers(settings.thresholds, payout.amountMinor),
          releasesAsked: await countTasksAbout(tx, { kind: 'payout.release', subject }),
          investigationsAsked: await countTasksAbout(tx, { kind: 'payout.investigation', subject }),
          differencesAsked: await countTasksAbout(tx, { kind: 'reconciliation.difference', subject }),
        };
      });
    },
  };
}
