import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { refusalOf } from './command.ts';
import type { ApiDeps } from './deps.ts';

/**
 * Has an import that arrived whole read by a worker; one that is being read goes on as it is.
 * @returns false: its workflow came to an end before
 * @throws DomainError `not-known-yet` when Temporal gives no answer
 */
export async function startImport(
  { client, taskQueues, commandTimeoutMs }: ApiDeps,
  programId: string,
  importId: string,
): Promise<boolean> {
  try {
    await client.withDeadline(Date.now() + commandTimeoutMs, () =>
      client.workflow.start('bulkImport', {
        workflowId: `import/${importId}`,
        taskQueue: taskQueues.attribution,
        args: [{ programId, importId }],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        staticSummary: `import/${importId}`,
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw refusalOf(error);
  }
}
