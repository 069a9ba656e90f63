import { activityInfo, asyncLocalStorage } from '@temporalio/activity';

/** The run in whose name an activity acts and the activity's id in it, for the record; undefined when the function is called outside an activity. */
export function currentWorkflow(): { id: string; runId: string; activityId: string } | undefined {
  if (!asyncLocalStorage.getStore()) return undefined;
  const { workflowExecution: execution, activityId } = activityInfo();
  return execution && { id: execution.workflowId, runId: execution.runId, activityId };
}
