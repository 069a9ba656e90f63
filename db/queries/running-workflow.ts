import type { Tx } from '../transaction.ts';

/** Ids of the partner's workflows of these types whose runs are not known to be closed; some may have ended a moment ago. */
export async function listRunningWorkflows(tx: Tx, partnerId: string, types: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ workflow_id: string }>(
    `select distinct workflow_id from workflow_run
     where program_id = $1 and partner_id = $2 and type = any ($3) and closed_at is null
     order by workflow_id`,
    [tx.programId, partnerId, types],
  );
  return rows.map((row) => row.workflow_id);
}
