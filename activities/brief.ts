import { WorkflowNotFoundError } from '@temporalio/client';
import { activateBrief, listWaitlistedWorkflows, rejectBrief } from '../db/queries/brief.ts';
import { recordEvent } from '../db/queries/event.ts';
import { inTransaction } from '../db/transaction.ts';
import { briefActivated } from '../workflows/messages.ts';
import type { ApprovalDecision } from './approval.ts';
import type { ActivityDeps } from './deps.ts';
import { currentWorkflow } from './workflow-context.ts';

/** What the decision on a brief does. */
export function createBriefActivities({ pool, client }: ActivityDeps) {
  return {
    async decideBrief({ programId, subjectId: id, outcome, by, at }: ApprovalDecision): Promise<void> {
      await inTransaction(pool, programId, async (tx) => {
        const isApproved = outcome === 'approve';
        const isNew = isApproved ? await activateBrief(tx, id, by.id ?? by.kind, at) : await rejectBrief(tx, id);
        if (!isNew) return;
        await recordEvent(tx, {
          kind: isApproved ? 'brief.active' : 'brief.rejected',
          actor: by,
          subject: { type: 'brief', id },
          at,
          workflow: currentWorkflow(),
        });
      });
    },

    /** Wakes the partners who wait for another brief. */
    async announceBrief({ programId, briefId }: { programId: string; briefId: string }): Promise<void> {
      const workflowIds = await inTransaction(pool, programId, (tx) => listWaitlistedWorkflows(tx));
      for (const id of workflowIds) {
        await client.workflow
          .getHandle(id)
          .signal(briefActivated, { briefId })
          .catch((error: unknown) => {
            if (!(error instanceof WorkflowNotFoundError)) throw error;
          });
      }
    },
  };
}
