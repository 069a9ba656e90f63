import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';

const LOOK_UP_MS = 5_000;

/** Whether a run of this id is open. When that cannot be asked the answer is yes: nobody may say then that it has ended. */
export async function isRunning(client: Client, workflowId: string): Promise<boolean> {
  try {
    const { status } = await client.withDeadline(Date.now() + LOOK_UP_MS, () =>
      client.workflow.getHandle(workflowId).describe(),
    );
    return status.name === 'RUNNING';
  } catch (error) {
    return !(error instanceof WorkflowNotFoundError);
  }
}
