import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { Pool } from '../../db/pool.ts';
import { listUnsettledRefusals } from '../../db/queries/mail-refusal.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { TaskQueues } from '../deps.ts';

/**
 * Opens one task for each address that takes no mail. By what stands in the outbox and not by what this round did: a worker may die
 * between its transaction and here.
 */
export async function startRefusalTasks(
  { pool, client, taskQueues }: { pool: Pool; client: Client; taskQueues: TaskQueues },
  programId: string,
): Promise<void> {
  const refusals = await inTransaction(pool, programId, listUnsettledRefusals);
  for (const { mailId } of refusals) {
    try {
      await client.workflow.start('approval', {
        taskQueue: taskQueues.journeys,
        workflowId: `approval/mail/${mailId}`,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'USE_EXISTING',
        args: [{ programId, subjectType: 'mail', subjectId: mailId, isRequested: true }],
        staticSummary: 'An address that takes no mail',
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
}
