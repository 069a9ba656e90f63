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

/** A run as it was last noted. */
export interface NotedRun extends UnarchivedRun {
  status: string;
  eventCount: number | null;
  /** Place in the order of `listUnarchivedRuns`. */
  startedAt: string;
}

/** Runs whose history is not archived yet, oldest first, behind `after`; most of them still run. */
export async function listUnarchivedRuns(
  tx: Tx,
  { after, limit }: { after?: NotedRun; limit: number },
): Promise<NotedRun[]> {
  const { rows } = await tx.query<NotedRun>(
    `select workflow_id as "workflowId", run_id as "runId", status, event_count as "eventCount", started_at as "startedAt"
     from workflow_run
     where program_id = $1 and archived_at is null and status <> 'lost'
       and ($2::timestamptz is null or (started_at, run_id) > ($2, $3))
     order by started_at, run_id
     limit $4`,
    [tx.programId, after?.startedAt ?? null, after?.runId ?? null, limit],
  );
  return rows;
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
