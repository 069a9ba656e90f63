import type { GateTiming } from '../task/gate.ts';
import { TASK_KIND_NAMES } from '../task/kinds.ts';
import type { TaskKind } from '../task/kinds.ts';

/** Days of real life per kind: deadline, reminders, and where it differs from the deadline the escalation. */
const DAYS: Record<TaskKind, { due: number; remind: number[]; escalate?: number }> = {
  'partner.survey': { due: 14, remind: [3, 7, 12] },
  'application.decision': { due: 10, remind: [2], escalate: 5 },
  'contract.signature': { due: 21, remind: [3, 7, 14] },
  'contract.counter': { due: 5, remind: [2] },
  'contract.countersignature': { due: 5, remind: [2] },
  'contract.amendment': { due: 30, remind: [7, 21] },
  'enablement.training': { due: 21, remind: [3, 7, 14] },
  'enablement.payout-details': { due: 21, remind: [3, 7, 14] },
  'enablement.stalled': { due: 5, remind: [2] },
  'payout-details.verification': { due: 3, remind: [1] },
  'content.review': { due: 3, remind: [1] },
  'content.revision': { due: 14, remind: [5, 10] },
  'content.publication': { due: 30, remind: [7, 14, 21] },
  'settlement.approval': { due: 5, remind: [2, 4] },
  'adjustment.approval': { due: 7, remind: [3] },
  'payout.release': { due: 3, remind: [1, 2] },
  'payout.investigation': { due: 2, remind: [1] },
  'hold.review': { due: 7, remind: [3] },
  'reconciliation.difference': { due: 3, remind: [1] },
  'setting.approval': { due: 7, remind: [3] },
  'feedback.triage': { due: 5, remind: [2, 4] },
  'feedback.information': { due: 14, remind: [5, 10] },
  'feedback.appeal': { due: 7, remind: [3] },
  'policy.approval': { due: 7, remind: [3] },
  'brief.approval': { due: 7, remind: [3] },
  'experiment.decision': { due: 7, remind: [3] },
  'mail.undeliverable': { due: 5, remind: [2] },
};

/** In `fast` a day lasts ten seconds, but nobody is hurried below a minute. */
const FAST_SECONDS_PER_DAY = 10;
const FAST_LEAST_SECONDS = 60;

/** Timings of every kind, in days of real life or in seconds of a demo. */
export function taskTimings(pace: 'real' | 'fast'): Record<TaskKind, GateTiming> {
  return Object.fromEntries(TASK_KIND_NAMES.map((kind) => [kind, timing(kind, pace)])) as Record<TaskKind, GateTiming>;
}

function timing(kind: TaskKind, pace: 'real' | 'fast'): GateTiming {
  const { due, remind, escalate } = DAYS[kind];
  const secondsPerDay = Math.max(FAST_SECONDS_PER_DAY, Math.ceil(FAST_LEAST_SECONDS / due));
  const text = (days: number) => (pace === 'real' ? `P${days}D` : `PT${days * secondsPerDay}S`);
  return { due: text(due), remind: remind.map(text), escalate: escalate === undefined ? null : text(escalate) };
}
