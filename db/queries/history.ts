import type { Tx } from '../transaction.ts';

/** A run of a workflow as the record knows it; status and count of a run that goes on are as of the last look. */
export interface RunRow {
  workflowId: string;
  runId: string;
  type: string;
  status: string;
  eventCount: number | null;
  startedAt: string;
  closedAt: string | null;
  archived: boolean;
}

const VIEW = `workflow_id as "workflowId", run_id as "runId", type, status, event_count as "eventCount", started_at as "startedAt",
  closed_at as "closedAt", archived_at is not null as archived`;

/** Runs about a partner, oldest first. */
export async function listRuns(
  tx: Tx,
  filter: { partnerId: string; after?: { at: string; runId: string }; limit: number },
): Promise<RunRow[]> {
  const { rows } = await tx.query<RunRow>(
    `select ${VIEW} from workflow_run
     where program_id = $1 and partner_id = $2 and ($3::timestamptz is null or (started_at, run_id) > ($3, $4))
     order by started_at, run_id limit $5`,
    [tx.programId, filter.partnerId, filter.after?.at ?? null, filter.after?.runId ?? null, filter.limit],
  );
  return rows;
}

export async function findRun(tx: Tx, partnerId: string, runId: string): Promise<RunRow | undefined> {
  const { rows } = await tx.query<RunRow>(
    `select ${VIEW} from workflow_run where program_id = $1 and partner_id = $2 and run_id = $3`,
    [tx.programId, partnerId, runId],
  );
  return rows[0];
}

/** The archived history of a run in Temporal's own JSON, or undefined. */
export async function findHistory(tx: Tx, workflowId: string, runId: string): Promise<object | undefined> {
  const { rows } = await tx.query<{ history: object }>(
    'select history from history_archive where program_id = $1 and workflow_id = $2 and run_id = $3',
    [tx.programId, workflowId, runId],
  );
  return rows[0]?.history;
}
