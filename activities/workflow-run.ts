import { activityInfo } from '@temporalio/activity';
import { insertWorkflowRun } from '../db/queries/workflow-run.ts';
import { inTransaction } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import { currentWorkflow } from './workflow-context.ts';

export interface RunNote {
  programId: string;
  subject: { type: string; id: string };
  partnerId?: string;
}

/** Notes of runs: Temporal forgets closed runs, disputes come later. */
export function createWorkflowRunActivities({ pool }: ActivityDeps) {
  return {
    /** The first activity of every run; the sweep later exports the history of each noted run. Twice changes nothing. */
    async noteRun(note: RunNote): Promise<void> {
      const run = currentWorkflow();
      if (!run) throw new Error('noteRun is called by a workflow only.');
      await inTransaction(pool, note.programId, (tx) =>
        insertWorkflowRun(tx, {
          workflowId: run.id,
          runId: run.runId,
          type: activityInfo().workflowType ?? '',
          subject: note.subject,
          partnerId: note.partnerId,
        }),
      );
    },
  };
}
