import type { Actor } from '../domain/actor.ts';
import { DomainError } from '../domain/errors.ts';
import { assertOutcome, firstAssignee } from '../domain/task/decision.ts';
import { deadlineRule, gateSchedule } from '../domain/task/gate.ts';
import type { GateSchedule } from '../domain/task/gate.ts';
import { taskKind } from '../domain/task/kinds.ts';
import type { DeadlineRule, TaskKind } from '../domain/task/kinds.ts';
import type { ProgramSettings } from '../domain/program/settings.ts';
import { readCommandInput } from '../db/queries/command-input.ts';
import { recordEvent } from '../db/queries/event.ts';
import type { EventKind } from '../domain/event/catalogue.ts';
import { readProgramFrame } from '../db/queries/program-settings.ts';
import { partnerOwner } from '../db/queries/task-audience.ts';
import {
  closeOpenTask,
  decideTask,
  findTaskByKey,
  insertTask,
  lockTask,
  markEscalated,
  markReminded,
} from '../db/queries/task.ts';
import type { TaskRow } from '../db/queries/task.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import { assertDecisionData } from './task-check.ts';
import { composeTaskData } from './task-data.ts';
import { assertMayDecide } from './task-decider.ts';
import { mailAboutTask, mailEscalation } from './task-mail.ts';
import { currentWorkflow } from './workflow-context.ts';

export interface TaskRequest {
  programId: string;
  workflowId: string;
  key: string;
  kind: TaskKind;
  partnerId?: string;
  subject: { type: string; id: string };
  role?: string;
  requestedBy?: Actor;
  excludedPersons?: string[];
  data?: Record<string, unknown>;
  /** Fewer outcomes than the kind has, where some are used up. */
  outcomes?: string[];
  /** Waits without reminding anybody, until this instant instead of the kind's own deadline. */
  quietUntil?: string;
  /** The workflow's time. */
  at: string;
}

export interface OpenedTask {
  task: { taskId: string; outcomes: string[]; schedule: GateSchedule; deadline: DeadlineRule };
  /** Set when the task of this key was decided before the workflow came to ask. */
  decision?: StandingDecision;
}

/** The decision that stands; `expired` and `cancelled` stand for a task that closed without one. */
export interface StandingDecision {
  taskId: string;
  outcome: string;
  by: Actor;
  at: string;
  commandId?: string;
}

/** What a person typed with a decision. */
export interface TaskInput {
  reason?: string;
  data?: Record<string, unknown>;
}

/** Bank details stay in their own table. */
const KINDS_WITH_SECRET_DATA: TaskKind[] = ['enablement.payout-details'];

/** Opening, reminding, escalating, deciding and closing of tasks; each is one transaction and may be repeated. */
export function createTaskActivities({ pool }: ActivityDeps) {
  return {
    /** Opens the task of a workflow's key, with its event and mails; the same key again finds it. */
    async openTask(request: TaskRequest): Promise<OpenedTask> {
      return inTransaction(pool, request.programId, async (tx) => {
        const { settings } = await readProgramFrame(tx);
        const standing = await findTaskByKey(tx, request.workflowId, request.key);
        if (standing) return opened(standing, request, settings);
        const task = await insertTask(tx, await newTask(tx, request, settings));
        // Another attempt of this activity was faster.
        if (!task) throw new DomainError('unavailable', 'The task is being opened; try again.');
        await note(tx, task, 'task.opened', { actor: { kind: 'system' }, at: request.at });
        if (request.quietUntil === undefined) {
          await mailAboutTask(tx, task, { template: 'task-opened', cause: 'opened', at: request.at });
        }
        return opened(task, request, settings);
      });
    },

    /** Tells the person again, once per instant. */
    async remindTask(about: { programId: string; taskId: string; at: string; count: number }): Promise<void> {
      await inTransaction(pool, about.programId, async (tx) => {
        if (!(await markReminded(tx, about.taskId, about.at))) return;
        const task = await existing(tx, about.taskId);
        await note(tx, task, 'task.reminded', { actor: { kind: 'system' }, at: about.at, count: about.count });
        await mailAboutTask(tx, task, { template: 'task-reminder', cause: `reminder/${about.at}`, at: about.at });
      });
    },

    /** Tells those above that a task has waited too long, once. */
    async escalateTask(about: { programId: string; taskId: string; at: string }): Promise<void> {
      await inTransaction(pool, about.programId, async (tx) => {
        if (!(await markEscalated(tx, about.taskId, about.at))) return;
        const task = await existing(tx, about.taskId);
        await note(tx, task, 'task.escalated', { actor: { kind: 'system' }, at: about.at });
        await mailEscalation(tx, task, about.at);
      });
    },

    /**
     * Writes a decision unless one stands, and returns the one that stands.
     * @throws DomainError when the actor may not decide, the outcome is not one of the kind's, or a negative one has no reason
     */
    async recordDecision(decision: {
      programId: string;
      taskId: string;
      outcome: string;
      actor: Actor;
      commandId: string;
      at: string;
    }): Promise<StandingDecision> {
      return inTransaction(pool, decision.programId, async (tx) => {
        const task = await existing(tx, decision.taskId);
        if (task.state !== 'open') return standingDecision(task);
        const input = await readCommandInput<TaskInput>(tx, decision.commandId);
        const about = { at: decision.at, data: input?.data.data };
        const standsFor = await assertMayDecide(tx, decision.actor, task, about);
        const isRule = decision.actor.kind === 'rule';
        const reason = input?.data.reason ?? (isRule ? 'The deadline passed without a decision.' : null);
        assertOutcome(task.kind, decision.outcome, reason);
        if (!isRule) await assertDecisionData(tx, task, decision.outcome, input?.data.data);
        const { taskId, outcome, actor: by, at, commandId: decisionId } = decision;
        const data = KINDS_WITH_SECRET_DATA.includes(task.kind) ? null : (input?.data.data ?? null);
        await decideTask(tx, { taskId, outcome, reason, by, standsFor, at, decisionId, data });
        await note(tx, task, 'task.decided', { actor: by, at, outcome });
        return { taskId, outcome, by, at, commandId: decisionId };
      });
    },

    /** Closes a task that nobody decided; a decision that came first stands. */
    async closeTask(about: {
      programId: string;
      taskId: string;
      state: 'expired' | 'cancelled';
      at: string;
    }): Promise<StandingDecision> {
      return inTransaction(pool, about.programId, async (tx) => {
        const task = await existing(tx, about.taskId);
        if (task.state !== 'open') return standingDecision(task);
        await closeOpenTask(tx, about.taskId, about.state, about.at);
        await note(tx, task, `task.${about.state}`, { actor: { kind: 'system' }, at: about.at });
        return { taskId: about.taskId, outcome: about.state, by: { kind: 'rule', id: 'deadline' }, at: about.at };
      });
    },
  };
}

async function newTask(tx: Tx, request: TaskRequest, settings: ProgramSettings) {
  const partnerId = request.partnerId ?? null;
  const rule = taskKind(request.kind);
  const role = request.role ?? rule.turn;
  const schedule = scheduleOf(request, settings, request.at);
  return {
    kind: request.kind,
    workflowId: request.workflowId,
    workflowKey: request.key,
    partnerId,
    subject: request.subject,
    role,
    assigneeId: await assignee(tx, partnerId, role, [...(request.excludedPersons ?? []), request.requestedBy?.id]),
    requestedBy: request.requestedBy?.id ?? null,
    excludedPersons: request.excludedPersons ?? [],
    outcomes: request.outcomes ?? [...rule.outcomes],
    data: await composeTaskData(tx, request),
    openedAt: request.at,
    dueAt: schedule.dueAtMs === null ? null : new Date(schedule.dueAtMs).toISOString(),
  };
}

/** First the partner's owner, where that person has the role and the market and may decide at all; else the role. */
async function assignee(tx: Tx, partnerId: string | null, role: string, barred: (string | undefined)[]) {
  if (partnerId === null || role === 'partner') return null;
  const owner = await partnerOwner(tx, partnerId);
  if (!owner?.ownerId || !owner.ownerRoles.includes(role) || barred.includes(owner.ownerId)) return null;
  return firstAssignee({ personId: owner.ownerId, markets: owner.ownerMarkets }, owner.marketCode);
}

function scheduleOf({ kind, quietUntil }: TaskRequest, settings: ProgramSettings, openedAt: string): GateSchedule {
  const openedAtMs = Date.parse(openedAt);
  if (quietUntil === undefined) return gateSchedule(kind, settings.durations.tasks[kind], openedAtMs);
  return { openedAtMs, dueAtMs: Date.parse(quietUntil), remindAtMs: [], escalateAtMs: null };
}

function opened(task: TaskRow, request: TaskRequest, settings: ProgramSettings): OpenedTask {
  const schedule = scheduleOf(request, settings, task.openedAt);
  return {
    task: {
      taskId: task.id,
      outcomes: task.outcomes,
      schedule,
      deadline: deadlineRule(task.kind, settings.gates.defaults),
    },
    ...(task.state === 'open' ? {} : { decision: standingDecision(task) }),
  };
}

function standingDecision(task: TaskRow): StandingDecision {
  return {
    taskId: task.id,
    outcome: task.outcome ?? task.state,
    by: task.decidedBy ?? { kind: 'rule', id: 'deadline' },
    at: new Date(task.decidedAt ?? task.openedAt).toISOString(),
    ...(task.decisionId === null ? {} : { commandId: task.decisionId }),
  };
}

async function existing(tx: Tx, taskId: string): Promise<TaskRow> {
  const task = await lockTask(tx, taskId);
  if (!task) throw new DomainError('not-found', `There is no task ${taskId}.`);
  return task;
}

async function note(
  tx: Tx,
  task: TaskRow,
  kind: EventKind,
  { actor, at, ...more }: { actor: Actor; at: string; outcome?: string; count?: number },
): Promise<void> {
  await recordEvent(tx, {
    kind,
    actor,
    subject: { type: 'task', id: task.id },
    partnerId: task.partnerId,
    data: { kind: task.kind, role: task.role, about: task.subject, ...more },
    at,
    workflow: currentWorkflow(),
  });
}
