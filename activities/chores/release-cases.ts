import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { Pool } from '../../db/pool.ts';
import { listCasesOfDecided } from '../../db/queries/feedback.ts';
import { inTransaction } from '../../db/transaction.ts';
import { policyDecided } from '../../workflows/messages.ts';
import { readSettledPolicy } from '../policy.ts';
import { eachProgram } from './each-program.ts';

/**
 * Tells cases that wait for a policy what became of it, where nobody did: an older version told no case whose policy was linked after its
 * decision, or whose re-evaluation failed. A case that was told moves on and is not found again.
 * @returns how many were told
 */
export function releaseCases({ pool, client }: { pool: Pool; client: Client }, signal?: AbortSignal): Promise<number> {
  return eachProgram(
    pool,
    async (programId) => {
      let told = 0;
      for (const feedbackId of await inTransaction(pool, programId, listCasesOfDecided)) {
        const decided = await inTransaction(pool, programId, (tx) => readSettledPolicy(tx, feedbackId));
        if (decided === null) continue;
        try {
          await client.workflow.getHandle(`feedback/${feedbackId}`).signal(policyDecided, decided);
          told += 1;
        } catch (error) {
          // A case whose flow was ended by hand hears nothing more.
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        }
      }
      return told;
    },
    signal,
  );
}
