import { recordEvent } from '../db/queries/event.ts';
import { findSetAsideWork, listUnaskedWork, requeueSetAsideWork } from '../db/queries/set-aside-work.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { ApprovalDecision } from './approval.ts';
import type { ActivityDeps } from './deps.ts';
import { currentWorkflow } from './workflow-context.ts';

/** What the task shows: which work, what it was about, and how it failed. */
export async function setAsideWorkData(tx: Tx, id: string): Promise<Record<string, unknown>> {
  const aside = await findSetAsideWork(tx, id);
  return aside ? { queue: aside.queue, work: aside.work, error: aside.error, setAsideAt: aside.at } : {};
}

/** What a person decides about work that failed three times. */
export function createSetAsideWorkActivities({ pool }: ActivityDeps) {
  return {
    /** `correct`: what made it fail is repaired, and it is tried again; `explain`: it stays where it is. Twice changes nothing. */
    async settleSetAsideWork({ programId, subjectId: id, outcome, by: actor, at }: ApprovalDecision): Promise<void> {
      await inTransaction(pool, programId, async (tx) => {
        const aside = await findSetAsideWork(tx, id);
        if (outcome !== 'correct' || !aside || !(await requeueSetAsideWork(tx, aside))) return;
        await recordEvent(tx, {
          kind: 'work.queued-again',
          actor,
          subject: { type: 'work', id },
          partnerId: aside.partnerId,
          data: { queue: aside.queue },
          at,
          workflow: currentWorkflow(),
        });
      });
    },
  };
}

/** Asks a person about all work that nobody was asked about yet; found by the rows, so an attempt that died loses nothing. */
export async function askAboutSetAsideWork({ pool, client, taskQueues }: ActivityDeps, programId: string) {
  const ids = await inTransaction(pool, programId, (tx) => listUnaskedWork(tx));
  for (const id of ids) {
    await client.workflow.start('approval', {
      taskQueue: taskQueues.journeys,
      workflowId: `approval/work/${id}`,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      args: [{ programId, subjectType: 'work', subjectId: id, isRequested: true }],
      staticSummary: 'Work that failed three times',
    });
  }
}
