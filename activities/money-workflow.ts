import { findPayout } from '../db/queries/payout.ts';
import { findSettlementWindow } from '../db/queries/settlement-window.ts';
import { findStatement } from '../db/queries/statement.ts';
import { listRunningWorkflows } from '../db/queries/running-workflow.ts';
import { inTransaction } from '../db/transaction.ts';
import { partnerReady, payoutFinished, settlementFinished } from '../workflows/messages.ts';
import type { SettlementInput } from '../workflows/settlement.ts';
import type { PayoutInput } from '../workflows/payout.ts';
import type { ActivityDeps } from './deps.ts';
import { signalIfOpen } from './open-workflow.ts';

export const settlementId = (partnerId: string, no: number) => `settlement/${partnerId}/${no}`;
export const payoutWorkflowId = (payoutId: string) => `payout/${payoutId}`;

/**
 * Starting and telling each other, by the client with fixed ids: twice starts once, and a signal that comes twice finds its work done.
 * Where the other side may have ended, the signal starts it again, and it goes on from what Postgres holds.
 */
export function createMoneyWorkflowActivities({ pool, client, taskQueues }: ActivityDeps) {
  const money = {
    taskQueue: taskQueues.money,
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  } as const;
  return {
    /** Starts the settlement of a window; one that ended is started only by something that happened to its payout. */
    async startSettlement(input: SettlementInput): Promise<void> {
      await client.workflow.start('settlement', {
        ...money,
        workflowId: settlementId(input.partnerId, input.no),
        args: [input],
        staticSummary: `Settlement of window ${input.no}`,
      });
    },

    async startPayout(input: PayoutInput): Promise<void> {
      await client.workflow.start('payout', {
        ...money,
        workflowId: payoutWorkflowId(input.payoutId),
        args: [input],
        staticSummary: 'Payout',
      });
    },

    /** Tells the settlement what became of its payout, and starts it again when the payout came back after its end. */
    async reportPayout(about: { programId: string; payoutId: string; state: string }): Promise<void> {
      const input = await inTransaction(pool, about.programId, async (tx) => {
        const payout = await findPayout(tx, about.payoutId);
        const statement = payout && (await findStatement(tx, payout.statementId));
        const window = statement && (await findSettlementWindow(tx, statement.windowId));
        if (!window) return undefined;
        const supplementaryId = statement.kind === 'supplementary' ? { supplementaryId: statement.id } : {};
        return {
          programId: about.programId,
          partnerId: window.partnerId,
          windowId: window.id,
          no: window.no,
          ...supplementaryId,
        };
      });
      if (!input) return;
      await client.workflow.signalWithStart('settlement', {
        ...money,
        workflowId: settlementId(input.partnerId, input.no),
        args: [input],
        signal: payoutFinished,
        signalArgs: [{ payoutId: about.payoutId, state: about.state }],
      });
    },

    async reportSettlement(input: SettlementInput): Promise<void> {
      await signalIfOpen(client, `partner/${input.partnerId}`, (handle) =>
        handle.signal(settlementFinished, { windowId: input.windowId, no: input.no }),
      );
    },

    /** Wakes the settlements and payouts of a partner that wait for details, for training, or for the end of a pause. */
    async wakeMoney(about: { programId: string; partnerId: string }): Promise<void> {
      const ids = await inTransaction(pool, about.programId, (tx) =>
        listRunningWorkflows(tx, about.partnerId, ['settlement', 'payout']),
      );
      for (const id of ids) await signalIfOpen(client, id, (handle) => handle.signal(partnerReady));
    },
  };
}
