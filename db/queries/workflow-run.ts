import type { Tx } from '../transaction.ts';

export interface NewWorkflowRun {
  workflowId: string;
  runId: string;
  type: string;
  subject: { type: string; id: string };
  partnerId?: string;
}

/** Notes a run; the same run again changes nothing. */
export async function insertWorkflowRun(tx: Tx, run: NewWorkflowRun): Promise<void> {
  await tx.query(
    `insert into workflow_run (program_id, workflow_id, run_id, type, subject_type, subject_id, partner_id)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (program_id, workflow_id, run_id) do nothing`,
    [tx.programId, run.workflowId, run.runId, run.type, run.subject.type, run.subject.id, run.partnerId ?? null],
  );
}

export interface UnarchivedRun {
  workflowId: string;
  runId: string;
}

/** Runs whose history is not archived yet, oldest first. */
export async function listUnarchivedRuns(tx: Tx, limit: number): Promise<UnarchivedRun[]> {
  const { rows } = await tx.query<{ workflow_id: string; run_id: string }>(
    `select workflow_id, run_id
     from workflow_run
     where program_id = $1 and archived_at is null and status <> 'lost'
     order by started_at
     limit $2`,
    [tx.programId, limit],
  );
  return rows.map((row) => ({ workflowId: row.workflow_id, runId: row.run_id }));
}

/** Writes what Temporal says of a run: its state, and how long its history is. */
export async function updateWorkflowRun(
  tx: Tx,
  run: UnarchivedRun & { status: string; closedAt?: string; eventCount?: number; archived?: boolean },
): Promise<void> {
  await tx.query(
    `update workflow_run
     set status = $4,
         closed_at = coalesce($5, closed_at),
         event_count = coalesce($6, event_count),
         archived_at = case when $7 then clock_timestamp() else archived_at end
     where program_id = $1 and workflow_id = $2 and run_id = $3`,
    [
      tx.programId,
      run.workflowId,
      run.runId,
      run.status,
      run.closedAt ?? null,
      run.eventCount ?? null,
      run.archived ?? false,
    ],
  );
}
