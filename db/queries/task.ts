import type { Actor } from '../../domain/actor.ts';
import type { TaskKind } from '../../domain/task/kinds.ts';
import { newId } from '../ids.ts';
import type { Tx } from '../transaction.ts';

export interface NewTask {
  kind: TaskKind;
  workflowId: string;
  workflowKey: string;
  partnerId: string | null;
  subject: { type: string; id: string };
  role: string;
  assigneeId: string | null;
  requestedBy: string | null;
  excludedPersons: string[];
  outcomes: string[];
  data: Record<string, unknown>;
  openedAt: string;
  dueAt: string | null;
}

export interface TaskRow {
  id: string;
  kind: TaskKind;
  workflowId: string;
  workflowKey: string;
  partnerId: string | null;
  subject: { type: string; id: string };
  role: string;
  assigneeId: string | null;
  requestedBy: string | null;
  excludedPersons: string[];
  outcomes: string[];
  /** What its reader sees. */
  data: Record<string, unknown>;
  state: 'open' | 'done' | 'expired' | 'cancelled';
  openedAt: string;
  dueAt: string | null;
  outcome: string | null;
  decidedBy: Actor | null;
  decidedAt: string | null;
  decisionId: string | null;
}

interface Row {
  id: string;
  kind: TaskKind;
  workflow_id: string;
  workflow_key: string;
  partner_id: string | null;
  subject_type: string;
  subject_id: string;
  role: string;
  assignee_id: string | null;
  requested_by: string | null;
  excluded_persons: string[];
  outcomes: string[];
  data: Record<string, unknown>;
  state: TaskRow['state'];
  opened_at: string;
  due_at: string | null;
  outcome: string | null;
  decided_by_kind: Actor['kind'] | null;
  decided_by: string | null;
  decided_at: string | null;
  decision_id: string | null;
}

const COLUMNS = `id, kind, workflow_id, workflow_key, partner_id, subject_type, subject_id, role, assignee_id, requested_by,
  excluded_persons, outcomes, data, state, opened_at, due_at, outcome, decided_by_kind, decided_by, decided_at, decision_id`;

function toTask(row: Row): TaskRow {
  return {
    id: row.id,
    kind: row.kind,
    workflowId: row.workflow_id,
    workflowKey: row.workflow_key,
    partnerId: row.partner_id,
    subject: { type: row.subject_type, id: row.subject_id },
    role: row.role,
    assigneeId: row.assignee_id,
    requestedBy: row.requested_by,
    excludedPersons: row.excluded_persons,
    outcomes: row.outcomes,
    data: row.data,
    state: row.state,
    openedAt: row.opened_at,
    dueAt: row.due_at,
    outcome: row.outcome,
    decidedBy: row.decided_by_kind && actorOf(row.decided_by_kind, row.decided_by),
    decidedAt: row.decided_at,
    decisionId: row.decision_id,
  };
}

/** `decided_by` repeats the kind for an actor without an id, because a decision always names somebody. */
function actorOf(kind: Actor['kind'], id: string | null): Actor {
  return id === null || id === kind ? { kind } : { kind, id };
}

/** The task that a workflow opened under this key, or undefined. */
export async function findTaskByKey(tx: Tx, workflowId: string, workflowKey: string): Promise<TaskRow | undefined> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from task where program_id = $1 and workflow_id = $2 and workflow_key = $3`,
    [tx.programId, workflowId, workflowKey],
  );
  return rows[0] && toTask(rows[0]);
}

/** Opens a task; undefined when the workflow has opened one under this key before. */
export async function insertTask(tx: Tx, task: NewTask): Promise<TaskRow | undefined> {
  const { rows } = await tx.query<Row>(
    `insert into task (program_id, id, kind, workflow_id, workflow_key, partner_id, subject_type, subject_id, role, assignee_id,
       requested_by, excluded_persons, outcomes, data, opened_at, due_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
     on conflict (program_id, workflow_id, workflow_key) do nothing
     returning ${COLUMNS}`,
    [
      tx.programId,
      newId('task'),
      task.kind,
      task.workflowId,
      task.workflowKey,
      task.partnerId,
      task.subject.type,
      task.subject.id,
      task.role,
      task.assigneeId,
      task.requestedBy,
      task.excludedPersons,
      task.outcomes,
      task.data,
      task.openedAt,
      task.dueAt,
    ],
  );
  return rows[0] && toTask(rows[0]);
}

/** Reads a task and keeps others from deciding it until the transaction ends. */
export async function lockTask(tx: Tx, id: string): Promise<TaskRow | undefined> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from task where program_id = $1 and id = $2 for no key update`,
    [tx.programId, id],
  );
  return rows[0] && toTask(rows[0]);
}

export interface TaskDecisionRow {
  taskId: string;
  outcome: string;
  reason: string | null;
  by: Actor;
  /** Whom a delegate stood in for. */
  standsFor: string | null;
  at: string;
  decisionId: string;
  data: Record<string, unknown> | null;
}

/** Writes the decision of an open task. @returns whether it was still open */
export async function decideTask(tx: Tx, decision: TaskDecisionRow): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update task
     set state = 'done', outcome = $3, reason = $4, decided_by_kind = $5, decided_by = $6, decided_for = $7, decided_at = $8,
         decision_id = $9, decision_data = $10
     where program_id = $1 and id = $2 and state = 'open'`,
    [
      tx.programId,
      decision.taskId,
      decision.outcome,
      decision.reason,
      decision.by.kind,
      decision.by.id ?? decision.by.kind,
      decision.standsFor,
      decision.at,
      decision.decisionId,
      decision.data,
    ],
  );
  return rowCount === 1;
}

/** Closes an open task without an outcome. @returns whether it was still open */
export async function closeOpenTask(tx: Tx, id: string, state: 'expired' | 'cancelled', at: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update task set state = $3, decided_at = $4 where program_id = $1 and id = $2 and state = 'open'`,
    [tx.programId, id, state, at],
  );
  return rowCount === 1;
}

/** Notes a reminder of an open task; the same instant again changes nothing. @returns whether it was noted now */
export async function markReminded(tx: Tx, id: string, at: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update task set reminded_at = $3
     where program_id = $1 and id = $2 and state = 'open' and reminded_at is distinct from $3::timestamptz`,
    [tx.programId, id, at],
  );
  return rowCount === 1;
}

/** Notes that somebody above was told. @returns whether it was noted now */
export async function markEscalated(tx: Tx, id: string, at: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update task set escalated_at = $3 where program_id = $1 and id = $2 and state = 'open' and escalated_at is null`,
    [tx.programId, id, at],
  );
  return rowCount === 1;
}
