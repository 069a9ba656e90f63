import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';

/** Signals a workflow by its handle; one that has ended needs no signal. @returns whether it was there to be told */
export async function signalIfOpen(
  client: Client,
  workflowId: string,
  signal: (handle: ReturnType<Client['workflow']['getHandle']>) => Promise<void>,
): Promise<boolean> {
  try {
    await signal(client.workflow.getHandle(workflowId));
    return true;
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    return false;
  }
}
