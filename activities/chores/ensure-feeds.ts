import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Pool } from '../../db/pool.ts';
import { FEED, feedOf } from '../../workflows/messages.ts';
import type { TaskQueues } from '../deps.ts';
import { eachProgram } from './each-program.ts';

/**
 * Starts the attribution feed of every program that has none running: of new programs, and where somebody ended it.
 * Its first wait looks for work by itself, so facts that came before it are found.
 * @returns how many were started
 */
export function ensureFeeds(
  { pool, client, taskQueues }: { pool: Pool; client: Client; taskQueues: TaskQueues },
  signal?: AbortSignal,
): Promise<number> {
  return eachProgram(
    pool,
    async (programId) => {
      try {
        await client.workflow.start(FEED, {
          ...feedOf(programId, taskQueues),
          workflowIdConflictPolicy: 'FAIL',
          staticSummary: 'Credits conversions as they come',
        });
        return 1;
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return 0;
        throw error;
      }
    },
    signal,
  );
}
