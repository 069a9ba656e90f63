import type { Tx } from '../transaction.ts';

export interface ArchivedHistory {
  workflowId: string;
  runId: string;
  /** Temporal's own JSON form, which replay reads. */
  history: string;
  eventCount: number;
  /** Hex, over the canonical JSON of the history: jsonb keeps no order of its own. */
  sha256: string;
}

/** Keeps a closed run's history. @returns whether it is new; another worker may have been first */
export async function insertHistory(tx: Tx, archived: ArchivedHistory): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into history_archive (program_id, workflow_id, run_id, history, event_count, sha256)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (program_id, workflow_id, run_id) do nothing`,
    [tx.programId, archived.workflowId, archived.runId, archived.history, archived.eventCount, archived.sha256],
  );
  return rowCount === 1;
}
