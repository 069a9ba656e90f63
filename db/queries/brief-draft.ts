import type { BriefWeights } from '../../domain/brief/brief.ts';
import type { Tx } from '../transaction.ts';

/** A brief with the task in which it is approved. */
export interface BriefView {
  id: string;
  name: string;
  state: 'draft' | 'submitted' | 'active' | 'rejected' | 'replaced';
  weights: BriefWeights;
  evidence: Record<string, unknown>;
  surveyId: string | null;
  createdBy: string;
  createdAt: string;
  approvedBy: string | null;
  approvedAt: string | null;
  taskId: string | null;
}

export interface BriefDraft {
  name: string;
  weights: BriefWeights;
  /** What the weights rest on, for instance how many answers. */
  evidence: Record<string, unknown>;
  surveyId: string | null;
}

/** Makes a draft; the same id again changes nothing. */
export async function insertBrief(tx: Tx, brief: BriefDraft & { id: string; createdBy: string }): Promise<void> {
  await tx.query(
    `insert into brief (program_id, id, name, weights, evidence, survey_id, created_by) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (program_id, id) do nothing`,
    [tx.programId, brief.id, brief.name, brief.weights, brief.evidence, brief.surveyId, brief.createdBy],
  );
}

/** Changes a draft; false when it is none any more. */
export async function changeBrief(
  tx: Tx,
  id: string,
  changes: Partial<Pick<BriefDraft, 'name' | 'weights'>>,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update brief set name = coalesce($3, name), weights = coalesce($4, weights) where program_id = $1 and id = $2 and state = 'draft'`,
    [tx.programId, id, changes.name ?? null, changes.weights ?? null],
  );
  return rowCount === 1;
}

/** Briefs in order of their ids. */
export async function listBriefs(
  tx: Tx,
  filter: { id?: string; state?: string; afterId?: string; limit: number },
): Promise<BriefView[]> {
  const { rows } = await tx.query<BriefView>(
    `select b.id, b.name, b.state, b.weights, b.evidence, b.survey_id as "surveyId", b.created_by as "createdBy", b.created_at as "createdAt",
       b.approved_by as "approvedBy", b.approved_at as "approvedAt", t.id as "taskId"
     from brief b
     left join task t on t.program_id = b.program_id and t.kind = 'brief.approval' and t.subject_id = b.id
     where b.program_id = $1 and ($2::text is null or b.id = $2) and ($3::text is null or b.state = $3) and ($4::text is null or b.id > $4)
     order by b.id
     limit $5`,
    [tx.programId, filter.id ?? null, filter.state ?? null, filter.afterId ?? null, filter.limit],
  );
  return rows;
}
