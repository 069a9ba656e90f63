import type { Actor } from '../../domain/actor.ts';
import type { TaskKind } from '../../domain/task/kinds.ts';
import type { Tx } from '../transaction.ts';

/** A task as people see it. */
export interface TaskView {
  id: string;
  kind: TaskKind;
  partnerId: string | null;
  subject: { type: string; id: string };
  outcomes: string[];
  role: string;
  assignee: string | null;
  openedAt: string;
  dueAt: string | null;
  remindedAt: string | null;
  escalatedAt: string | null;
  data: Record<string, unknown>;
  state: 'open' | 'done' | 'expired' | 'cancelled';
  decision: { outcome: string; by: Actor; at: string; reason: string | null; data: unknown } | null;
}

interface Row extends Omit<TaskView, 'subject' | 'decision'> {
  subject_type: string;
  subject_id: string;
  outcome: string | null;
  reason: string | null;
  decided_by_kind: Actor['kind'] | null;
  decided_by: string | null;
  decided_at: string | null;
  decision_data: unknown;
  workflow_id: string;
}

const COLUMNS = `id, kind, partner_id as "partnerId", subject_type, subject_id, outcomes, role, assignee_id as assignee,
  opened_at as "openedAt", due_at as "dueAt", reminded_at as "remindedAt", escalated_at as "escalatedAt", data, state, outcome, reason,
  decided_by_kind, decided_by, decided_at, decision_data, workflow_id`;

function toView(row: Row): TaskView {
  const { subject_type, subject_id, outcome, reason, decided_by_kind, decided_by, decided_at, decision_data, ...rest } =
    row;
  const { workflow_id: _, ...view } = rest;
  return {
    ...view,
    subject: { type: subject_type, id: subject_id },
    decision:
      outcome === null || decided_by_kind === null
        ? null
        : {
            outcome,
            by: actorOf(decided_by_kind, decided_by),
            at: decided_at ?? row.openedAt,
            reason,
            data: decision_data,
          },
  };
}

/** `decided_by` repeats the kind for an actor without an id. */
function actorOf(kind: Actor['kind'], id: string | null): Actor {
  return id === null || id === kind ? { kind } : { kind, id };
}

export async function findTaskView(tx: Tx, id: string): Promise<TaskView | undefined> {
  const { rows } = await tx.query<Row>(`select ${COLUMNS} from task where program_id = $1 and id = $2`, [
    tx.programId,
    id,
  ]);
  return rows[0] && toView(rows[0]);
}

export interface TaskFilter {
  state?: string;
  kind?: string;
  partnerId?: string;
  subjectId?: string;
  assigneeId?: string;
  /** Roles that may decide. */
  roles?: readonly string[];
  overdue?: boolean;
  afterId?: string;
  limit: number;
}

/** Tasks, oldest first. */
export async function listTaskViews(tx: Tx, filter: TaskFilter): Promise<TaskView[]> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from task
     where program_id = $1 and ($2::text is null or state = $2) and ($3::text is null or kind = $3)
       and ($4::text is null or partner_id = $4) and ($5::text is null or subject_id = $5)
       and ($6::text is null or assignee_id = $6) and ($7::text[] is null or role = any ($7))
       and ($8::boolean is null or $8 = (state = 'open' and coalesce(due_at < clock_timestamp(), false)))
       and ($9::text is null or id > $9)
     order by id limit $10`,
    [
      tx.programId,
      filter.state ?? null,
      filter.kind ?? null,
      filter.partnerId ?? null,
      filter.subjectId ?? null,
      filter.assigneeId ?? null,
      filter.roles ?? null,
      filter.overdue ?? null,
      filter.afterId ?? null,
      filter.limit,
    ],
  );
  return rows.map(toView);
}

/** Gives an open task to a person, or to the role again (null). @returns whether it was open */
export async function assignTask(tx: Tx, id: string, personId: string | null): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update task set assignee_id = $3 where program_id = $1 and id = $2 and state = 'open'`,
    [tx.programId, id, personId],
  );
  return rowCount === 1;
}

/** Takes an open task that nobody else has. @returns whether it is now theirs */
export async function claimTask(tx: Tx, id: string, personId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update task set assignee_id = $3
     where program_id = $1 and id = $2 and state = 'open' and (assignee_id is null or assignee_id = $3)`,
    [tx.programId, id, personId],
  );
  return rowCount === 1;
}

export interface TaskComment {
  id: string;
  authorId: string;
  text: string;
  at: string;
}

/** Adds a comment; the same id again changes nothing. */
export async function insertTaskComment(
  tx: Tx,
  comment: { id: string; taskId: string; authorId: string; text: string },
): Promise<void> {
  await tx.query(
    `insert into task_comment (program_id, id, task_id, author_id, text) values ($1, $2, $3, $4, $5)
     on conflict (program_id, id) do nothing`,
    [tx.programId, comment.id, comment.taskId, comment.authorId, comment.text],
  );
}

export async function listTaskComments(tx: Tx, taskId: string): Promise<TaskComment[]> {
  const { rows } = await tx.query<TaskComment>(
    `select id, author_id as "authorId", text, at from task_comment where program_id = $1 and task_id = $2 order by id`,
    [tx.programId, taskId],
  );
  return rows;
}
