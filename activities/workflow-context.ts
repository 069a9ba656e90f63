import { activityInfo, asyncLocalStorage } from '@temporalio/activity';

/** The run in whose name an activity acts, for the record; undefined when the function is called outside an activity. */
export function currentWorkflow(): { id: string; runId: string } | undefined {
  if (!asyncLocalStorage.getStore()) return undefined;
  const execution = activityInfo().workflowExecution;
  return execution && { id: execution.workflowId, runId: execution.runId };
}
