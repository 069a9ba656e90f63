import type { Tx } from '../transaction.ts';

/** Who stands behind a decision. Four eyes count all of them: a delegate also stands for the person they stood in for. */
export interface TaskPersons {
  /** The person whom the decision counts for. */
  decider: string | null;
  /** The decider, and the delegate who acted. */
  persons: string[];
  reason: string | null;
  data: Record<string, unknown>;
}

/** The decision of a task; persons are empty when a rule decided. */
export async function readTaskPersons(tx: Tx, taskId: string): Promise<TaskPersons> {
  const { rows } = await tx.query<{
    decided_by_kind: string;
    decided_by: string;
    decided_for: string | null;
    reason: string | null;
    decision_data: Record<string, unknown> | null;
  }>(
    'select decided_by_kind, decided_by, decided_for, reason, decision_data from task where program_id = $1 and id = $2',
    [tx.programId, taskId],
  );
  const row = rows[0];
  const persons =
    row?.decided_by_kind === 'person' ? [row.decided_for, row.decided_by].filter((id) => id !== null) : [];
  return { decider: persons[0] ?? null, persons, reason: row?.reason ?? null, data: row?.decision_data ?? {} };
}

/** Which tasks: of one kind about one thing. */
export interface TasksAbout {
  kind: string;
  subject: { type: string; id: string };
}

/** How many tasks of that kind were ever opened about that thing. */
export async function countTasksAbout(tx: Tx, { kind, subject }: TasksAbout): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from task
     where program_id = $1 and kind = $2 and subject_type = $3 and subject_id = $4`,
    [tx.programId, kind, subject.type, subject.id],
  );
  return rows[0]?.count ?? 0;
}

/** The persons behind the latest approval of that kind about that thing. */
export async function approversOf(tx: Tx, { kind, subject }: TasksAbout): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from task
     where program_id = $1 and kind = $2 and subject_type = $3 and subject_id = $4 and outcome = 'approve'
     order by decided_at desc limit 1`,
    [tx.programId, kind, subject.type, subject.id],
  );
  return rows[0] ? (await readTaskPersons(tx, rows[0].id)).persons : [];
}
