import { listLateSettlements } from '../db/queries/late-settlement.ts';
import { inTransaction } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import { createMoneyWorkflowActivities } from './money-workflow.ts';

/**
 * Starts the settlements of ended contracts for which something came after their last statement: a refund, a late conversion, an
 * adjustment. Found by the rows, not by what one attempt posted, so an attempt that died loses nothing.
 * @returns how many
 */
export async function startLateSettlements(deps: ActivityDeps, programId: string): Promise<number> {
  const { startSettlement } = createMoneyWorkflowActivities(deps);
  const late = await inTransaction(deps.pool, programId, listLateSettlements);
  for (const window of late) await startSettlement({ programId, ...window });
  return late.length;
}
