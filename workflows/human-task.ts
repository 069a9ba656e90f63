import { ActivityFailure, ApplicationFailure, condition, setHandler } from '@temporalio/workflow';
import type { Actor } from '../domain/actor.ts';
import { nextAlarm } from '../domain/task/gate.ts';
import type { GateProgress, GateSchedule } from '../domain/task/gate.ts';
import type { DeadlineRule, TaskKind } from '../domain/task/kinds.ts';
import { record } from './activity-proxies.ts';
import { completeTask } from './messages.ts';
import type { TaskCompletion, TaskDecision } from './messages.ts';
import { refuse } from './refusal.ts';
import { showWaiting } from './waiting.ts';

/** What a flow asks of a person. Ids, enumerations, integers and instants only. */
export interface TaskQuestion {
  /** Names this very question within the workflow, for instance `signature/2`; asking it again gets the same task. */
  key: string;
  kind: TaskKind;
  partnerId?: string;
  subject: { type: string; id: string };
  /** Differs from the kind's role where a kind has steps (policy.approval). */
  role?: string;
  /** Whose request this is: that person does not decide it. */
  requestedBy?: Actor;
  /** Persons who decided a step that four eyes must differ from. */
  excludedPersons?: string[];
  /** The version and hash that must be accepted with `sign` or `accept`. */
  expect?: { version: number; hash: string };
  data?: Record<string, unknown>;
  /** Fewer outcomes than the kind has, where some are used up. */
  outcomes?: string[];
  /** Waits without reminding anybody, until this instant instead of the kind's own deadline. */
  quietUntil?: string;
  /** The task closes as `cancelled` once this holds. */
  cancelWhen?: () => boolean;
}

/** What became of a question: a person's or the default's outcome, or `expired`, `cancelled`. */
export interface TaskAnswer extends TaskDecision {
  /** Under this id lies what the person typed (`command_input`). */
  commandId?: string;
}

interface OpenTask {
  taskId: string;
  key: string;
  kind: TaskKind;
  outcomes: string[];
  schedule: GateSchedule;
  progress: GateProgress;
  deadline: DeadlineRule;
  expect?: { version: number; hash: string };
}

interface ClosedTask extends TaskAnswer {
  key: string;
}

/** JSON-safe; carried over continue-as-new, so that open tasks go on and late or repeated decisions get their answer. */
export interface TaskDeskState {
  open: OpenTask[];
  closed: ClosedTask[];
}

export interface TaskDesk {
  /** Opens a task (once per key) and waits for its decision, through reminders, escalation and default. */
  ask(question: TaskQuestion): Promise<TaskAnswer>;
  /** How often the task with that key has been reminded; 0 when it is not open. */
  reminders(key: string): number;
  /** Resolves when every task that is no longer needed is closed, so that nobody who reads afterwards finds it open. */
  settled(): Promise<void>;
  readonly state: TaskDeskState;
}

/** Outcomes by which a person accepts a text: the version and hash that they saw must be those on offer. */
const ACCEPTING = ['sign', 'accept'];
/** Older decisions are answered from Postgres; a stage asks far fewer questions than this. */
const CLOSED_KEPT = 100;
/** How long a decision waits for its task to be known here. */
const WAIT_FOR_OPENING = '3 seconds';

export const emptyTaskDesk = (): TaskDeskState => ({ open: [], closed: [] });

/** The one mechanism for every gate. Call it once per workflow, before the first await: it registers the update `completeTask`. */
export function createTaskDesk(
  state: TaskDeskState,
  scope: { programId: string; workflowId: string; partnerId?: string },
): TaskDesk {
  /** Tasks on which an activity is at work: decisions wait for each other, so exactly one stands. */
  const busy = new Set<string>();
  const find = (key: string) => state.open.find((task) => task.key === key);
  const closed = (taskId: string) => state.closed.find((task) => task.taskId === taskId);
  const isKnown = (taskId: string) => [...state.open, ...state.closed].some((task) => task.taskId === taskId);
  /** Conditions under which open tasks close, by key. */
  const cancels = new Map<string, () => boolean>();

  setHandler(completeTask, (completion) => complete(completion), {
    validator: (completion) => validate(completion),
    description: 'Completes a task of this workflow',
  });

  function validate(completion: TaskCompletion): void {
    const done = closed(completion.taskId);
    if (done) return assertRepeats(done, completion);
    const task = state.open.find(({ taskId }) => taskId === completion.taskId);
    // Its row is there before this workflow hears that it was written: `complete` waits a moment for that.
    if (!task) return;
    if (!task.outcomes.includes(completion.outcome)) {
      const message = `Give one of ${task.outcomes.join(', ')}.`;
      throw refuse('invalid', message, { errors: [{ path: 'outcome', message }] });
    }
    if (task.expect && ACCEPTING.includes(completion.outcome)) assertSeen(task.expect, completion);
  }

  async function complete(completion: TaskCompletion): Promise<TaskDecision> {
    if (!isKnown(completion.taskId)) {
      await condition(() => isKnown(completion.taskId), WAIT_FOR_OPENING);
      if (!isKnown(completion.taskId)) {
        throw refuse('task-closed', 'This task is not open here.', { taskId: completion.taskId });
      }
      validate(completion);
    }
    // A loop, because two that wait for the same task wake in the same turn.
    while (busy.has(completion.taskId)) await condition(() => !busy.has(completion.taskId));
    const done = closed(completion.taskId);
    if (done) assertRepeats(done, completion);
    const task = state.open.find(({ taskId }) => taskId === completion.taskId);
    if (!task) return decisionOf(done!);
    const { taskId, outcome, actor, commandId } = completion;
    return exclusively(task, async () => {
      const standing = await record.recordDecision({
        programId: scope.programId,
        taskId,
        outcome,
        actor,
        commandId,
        at: now(),
      });
      close(task, standing);
      assertRepeats(standing, completion);
      return decisionOf(standing);
    });
  }

  /** Runs one activity on a task at a time; a refusal of the activity becomes the refusal of the update. */
  async function exclusively<T>(task: OpenTask, work: () => Promise<T>): Promise<T> {
    busy.add(task.taskId);
    try {
      return await work();
    } catch (error) {
      if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure) throw error.cause;
      throw error;
    } finally {
      busy.delete(task.taskId);
    }
  }

  function close(task: OpenTask, answer: TaskAnswer): void {
    state.open = state.open.filter((one) => one !== task);
    cancels.delete(task.key);
    state.closed = [...state.closed, { ...answer, key: task.key }].slice(-CLOSED_KEPT);
    showWaiting(scope, state.open);
  }

  async function open(question: TaskQuestion): Promise<void> {
    const { cancelWhen: _, expect, ...rest } = question;
    const opened = await record.openTask({ ...rest, ...scope, partnerId: question.partnerId, at: now() });
    if (find(question.key)) return;
    const progress = { reminders: 0, escalated: false, deadlinePassed: false };
    const task: OpenTask = { ...opened.task, key: question.key, kind: question.kind, progress, expect };
    state.open.push(task);
    if (opened.decision) close(task, opened.decision);
    else showWaiting(scope, state.open);
  }

  async function ask(question: TaskQuestion): Promise<TaskAnswer> {
    const answered = () => state.closed.find(({ key }) => key === question.key);
    if (question.cancelWhen) cancels.set(question.key, question.cancelWhen);
    if (!answered() && !find(question.key)) await open(question);
    for (;;) {
      const answer = answered();
      if (answer) return { ...decisionOf(answer), commandId: answer.commandId };
      const task = find(question.key)!;
      const wake = () => answered() !== undefined || (!busy.has(task.taskId) && question.cancelWhen?.() === true);
      const alarm = nextAlarm(task.schedule, task.progress);
      const isWoken = alarm === null ? await condition(wake).then(() => true) : await waitUntil(wake, alarm.at);
      if (answered()) continue;
      while (busy.has(task.taskId)) await condition(() => !busy.has(task.taskId));
      if (answered()) continue;
      await exclusively(task, () => (isWoken ? end(task, 'cancelled') : ring(task, alarm!.action)));
    }
  }

  async function ring(task: OpenTask, action: 'remind' | 'escalate' | 'deadline'): Promise<void> {
    const about = { programId: scope.programId, taskId: task.taskId, at: now() };
    if (action === 'remind') {
      task.progress.reminders += 1;
      await record.remindTask({ ...about, count: task.progress.reminders });
    } else if (action === 'escalate') {
      task.progress.escalated = true;
      await record.escalateTask(about);
    } else {
      task.progress.deadlinePassed = true;
      await applyDeadline(task);
    }
  }

  async function applyDeadline(task: OpenTask): Promise<void> {
    const { deadline, taskId } = task;
    const about = { programId: scope.programId, taskId, at: now() };
    if (deadline.kind === 'expire') return end(task, 'expired');
    if (deadline.kind === 'remind') return record.remindTask({ ...about, count: task.progress.reminders + 1 });
    if (deadline.kind === 'escalate') return;
    const actor: Actor = { kind: 'rule', id: 'deadline' };
    close(
      task,
      await record.recordDecision({ ...about, outcome: deadline.outcome, actor, commandId: `deadline/${taskId}` }),
    );
  }

  async function end(task: OpenTask, ending: 'expired' | 'cancelled'): Promise<void> {
    const about = { programId: scope.programId, taskId: task.taskId, at: now() };
    close(task, await record.closeTask({ ...about, state: ending }));
  }

  return {
    ask,
    reminders: (key) => find(key)?.progress.reminders ?? 0,
    settled: () => condition(() => !state.open.some(({ key }) => cancels.get(key)?.() === true)),
    state,
  };
}

const now = () => new Date(Date.now()).toISOString();

function waitUntil(wake: () => boolean, atMs: number): Promise<boolean> {
  // A time-out of 0 would wait without end.
  return condition(wake, Math.max(1, atMs - Date.now()));
}

const decisionOf = ({ taskId, outcome, by, at }: TaskDecision): TaskDecision => ({ taskId, outcome, by, at });

/** The same actor repeating the same outcome only hears it again; anybody else is too late. */
function assertRepeats(standing: TaskDecision, completion: TaskCompletion): void {
  const { by, outcome } = standing;
  if (by.kind === completion.actor.kind && by.id === completion.actor.id && outcome === completion.outcome) return;
  if (outcome === 'expired' || outcome === 'cancelled') {
    throw refuse('task-closed', `This task is ${outcome}.`, decisionOf(standing));
  }
  throw refuse('task-decided', `This task was decided before: ${outcome}.`, decisionOf(standing));
}

function assertSeen(expect: { version: number; hash: string }, completion: TaskCompletion): void {
  if (completion.acceptedVersion === expect.version && completion.acceptedHash === expect.hash) return;
  throw refuse('conflict', 'The version or its hash is not the one on offer; read the latest version.', { expect });
}
