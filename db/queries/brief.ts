import type { Tx } from '../transaction.ts';

export interface BriefRow {
  id: string;
  name: string;
  state: 'draft' | 'submitted' | 'active' | 'rejected' | 'replaced';
  weights: unknown;
  surveyId: string | null;
  createdBy: string;
  createdAt: string;
  approvedBy: string | null;
  approvedAt: string | null;
}

const COLUMNS = `id, name, state, weights, survey_id as "surveyId", created_by as "createdBy", created_at as "createdAt",
  approved_by as "approvedBy", approved_at as "approvedAt"`;

export async function findBrief(tx: Tx, id: string): Promise<BriefRow | undefined> {
  const { rows } = await tx.query<BriefRow>(`select ${COLUMNS} from brief where program_id = $1 and id = $2`, [
    tx.programId,
    id,
  ]);
  return rows[0];
}

/** A draft goes to its approval; false when it is no draft. */
export async function submitBrief(tx: Tx, id: string, workflowId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update brief set state = 'submitted', workflow_id = $3 where program_id = $1 and id = $2 and state = 'draft'`,
    [tx.programId, id, workflowId],
  );
  return rowCount === 1;
}

/** Puts a submitted brief in force in place of the one before; false when it is not submitted. */
export async function activateBrief(tx: Tx, id: string, by: string, at: string): Promise<boolean> {
  const { rows } = await tx.query(
    `select 1 from brief where program_id = $1 and id = $2 and state = 'submitted' for no key update`,
    [tx.programId, id],
  );
  if (rows.length === 0) return false;
  await tx.query(`update brief set state = 'replaced' where program_id = $1 and state = 'active'`, [tx.programId]);
  await tx.query(
    `update brief set state = 'active', approved_by = $3, approved_at = $4 where program_id = $1 and id = $2`,
    [tx.programId, id, by, at],
  );
  return true;
}

export async function rejectBrief(tx: Tx, id: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update brief set state = 'rejected' where program_id = $1 and id = $2 and state = 'submitted'`,
    [tx.programId, id],
  );
  return rowCount === 1;
}

/** Workflows of the partners who wait for another brief. */
export async function listWaitlistedWorkflows(tx: Tx): Promise<string[]> {
  const { rows } = await tx.query<{ workflow_id: string }>(
    `select workflow_id from partner where program_id = $1 and status = 'waitlisted' order by id`,
    [tx.programId],
  );
  return rows.map((row) => row.workflow_id);
}
