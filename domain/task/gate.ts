import { durationMs } from '../time/duration.ts';
import { taskKind } from './kinds.ts';
import type { DeadlineRule, TaskKind } from './kinds.ts';

/**
 * Timing of one kind of task, counted from its opening; ISO 8601 durations without months.
 * `due` null: no deadline; `escalate` null: at the deadline, where the kind escalates at all.
 */
export interface GateTiming {
  due: string | null;
  remind: readonly string[];
  escalate: string | null;
}

/** Instants of one open task, in epoch milliseconds; JSON-safe, so a workflow may carry it through continue-as-new. */
export interface GateSchedule {
  openedAtMs: number;
  dueAtMs: number | null;
  remindAtMs: number[];
  escalateAtMs: number | null;
}

/** How far an open task has come. */
export interface GateProgress {
  reminders: number;
  escalated: boolean;
  deadlinePassed: boolean;
}

export type GateAlarm = { at: number; action: 'remind' | 'escalate' | 'deadline' };

/** When a task that opens at `openedAtMs` reminds, escalates and is due. Reminders at or after the deadline are left out. */
export function gateSchedule(kind: TaskKind, timing: GateTiming, openedAtMs: number): GateSchedule {
  const after = (text: string) => openedAtMs + durationMs(text);
  const dueAtMs = timing.due === null ? null : after(timing.due);
  const keepsReminding = taskKind(kind).atDeadline.kind === 'remind';
  const remindAtMs = timing.remind
    .map(after)
    .filter((at) => keepsReminding || dueAtMs === null || at < dueAtMs)
    .sort((a, b) => a - b);
  return { openedAtMs, dueAtMs, remindAtMs, escalateAtMs: escalateAt(kind, timing, after, dueAtMs) };
}

function escalateAt(kind: TaskKind, timing: GateTiming, after: (text: string) => number, dueAtMs: number | null) {
  if (timing.escalate !== null) return after(timing.escalate);
  return taskKind(kind).atDeadline.kind === 'escalate' ? dueAtMs : null;
}

/**
 * The next thing that time does to an open task, or null when it only waits for a person.
 * At one instant the order is remind, escalate, deadline, so that nobody is decided over untold.
 */
export function nextAlarm(schedule: GateSchedule, progress: GateProgress): GateAlarm | null {
  const alarms: GateAlarm[] = [];
  const remindAt = schedule.remindAtMs[progress.reminders];
  if (remindAt !== undefined) alarms.push({ at: remindAt, action: 'remind' });
  if (schedule.escalateAtMs !== null && !progress.escalated) {
    alarms.push({ at: schedule.escalateAtMs, action: 'escalate' });
  }
  if (schedule.dueAtMs !== null && !progress.deadlinePassed) alarms.push({ at: schedule.dueAtMs, action: 'deadline' });
  return alarms.reduce<GateAlarm | null>((first, next) => (first && first.at <= next.at ? first : next), null);
}

/** What the deadline does: the programme's own default where its settings name one, else the table's. */
export function deadlineRule(kind: TaskKind, defaults: Partial<Record<TaskKind, string>> = {}): DeadlineRule {
  const { atDeadline, defaultsAllowed } = taskKind(kind);
  const outcome = defaults[kind];
  if (outcome === undefined || !defaultsAllowed.includes(outcome)) return atDeadline;
  return atDeadline.kind === 'escalate-then' ? { kind: 'escalate-then', outcome } : { kind: 'default', outcome };
}
