import { createHash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { canonicalJson } from '../../domain/json/canonical.ts';
import type { Pool } from '../../db/pool.ts';
import { insertHistory } from '../../db/queries/history-archive.ts';
import { listUnarchivedRuns, updateWorkflowRun } from '../../db/queries/workflow-run.ts';
import type { NotedRun } from '../../db/queries/workflow-run.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Logger } from '../../runtime/log.ts';
import { eachProgram } from './each-program.ts';

const RUNS_PER_PASS = 200;

export interface ArchiveDeps {
  pool: Pool;
  client: Client;
  log: Logger;
}

/**
 * Walks the noted runs in turns of 200: the history of each closed one goes to Postgres, long before Temporal forgets it, and
 * of each running one the length is noted. A run cannot export itself: its last events come after its last activity.
 * @returns a pass; it says how many runs it archived, or 1 when runs are left for the next turn
 */
export function createHistorySweep(deps: ArchiveDeps): (signal?: AbortSignal) => Promise<number> {
  /** Where the last turn ended, by program: living partners would else be all that a turn ever sees. */
  const turns = new Map<string, NotedRun>();

  return (signal) =>
    eachProgram(
      deps.pool,
      async (programId) => {
        const after = turns.get(programId);
        const runs = await inTransaction(deps.pool, programId, (tx) =>
          listUnarchivedRuns(tx, { after, limit: RUNS_PER_PASS }),
        );
        let archived = 0;
        for (const run of runs) {
          if (signal?.aborted) return archived;
          if (await archiveRun(deps, programId, run)) archived += 1;
          turns.set(programId, run);
        }
        if (runs.length === RUNS_PER_PASS) return Math.max(archived, 1);
        turns.delete(programId);
        return archived;
      },
      signal,
    );
}

/** @returns whether the run was closed and is archived now */
async function archiveRun({ pool, client, log }: ArchiveDeps, programId: string, run: NotedRun): Promise<boolean> {
  const { workflowId, runId } = run;
  const handle = client.workflow.getHandle(workflowId, runId);
  const note = (change: { status: string; eventCount?: number }) =>
    inTransaction(pool, programId, (tx) => updateWorkflowRun(tx, { workflowId, runId, ...change }));
  try {
    const described = await handle.describe();
    const status = described.status.name.toLowerCase().replaceAll('_', '-');
    if (described.status.name === 'RUNNING') {
      if (described.historyLength !== run.eventCount) await note({ status, eventCount: described.historyLength });
      return false;
    }
    const history = JSON.parse(historyToJSON(await handle.fetchHistory())) as { events: unknown[] };
    const text = canonicalJson(history);
    const eventCount = history.events.length;
    const sha256 = createHash('sha256').update(text).digest('hex');
    const closedAt = described.closeTime?.toISOString();
    await inTransaction(pool, programId, async (tx) => {
      await insertHistory(tx, { workflowId, runId, history: text, eventCount, sha256 });
      await updateWorkflowRun(tx, { workflowId, runId, status, eventCount, closedAt, archived: true });
    });
    return true;
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    log.error({ workflowId, runId }, 'Temporal no longer knows a run that was not archived');
    await note({ status: 'lost' });
    return false;
  }
}
