/** Roles of people in a program (api.md). `owner` alone decides only `setting.approval`. */
export const ROLES = [
  'owner',
  'partner_manager',
  'reviewer',
  'legal',
  'finance',
  'auditor',
  'developer',
  'partner',
] as const;
export type Role = (typeof ROLES)[number];

/** What happens when a task's deadline passes without a decision. */
export type DeadlineRule =
  /** The task closes as `expired`, without an outcome; the flow that opened it goes on as its stage says. */
  | { kind: 'expire' }
  /** The outcome is set by the programme itself; the task's `decision.by` is the rule. */
  | { kind: 'default'; outcome: string }
  /** Somebody above is told; the task stays open, because no answer may be invented. */
  | { kind: 'escalate' }
  /** Somebody above is told first, at `escalate`; at `due` the outcome is set. */
  | { kind: 'escalate-then'; outcome: string }
  /** The person is reminded again; the task stays open. */
  | { kind: 'remind' };

export interface TaskKindRule {
  /** The role whose turn it is; of two steps, the first. */
  turn: Role;
  /** Further roles that may decide it as well. */
  alsoRoles?: readonly Role[];
  /** Roles of the tasks that follow one another, where a kind opens more than one. */
  steps?: readonly Role[];
  outcomes: readonly string[];
  /** Negative outcomes: they need a reason. */
  needReason: readonly string[];
  /** Outcomes that count only once two different persons chose them. */
  needTwoPersons?: readonly string[];
  atDeadline: DeadlineRule;
  /** Outcomes that a programme may set as default instead; a money gate never lists one that lets money go. */
  defaultsAllowed: readonly string[];
  /** Money moves or a money setting changes: never approved by default. */
  moneyGate?: true;
}

const ESCALATE: DeadlineRule = { kind: 'escalate' };
const EXPIRE: DeadlineRule = { kind: 'expire' };
const REMIND: DeadlineRule = { kind: 'remind' };
const setTo = (outcome: string): DeadlineRule => ({ kind: 'default', outcome });

/** The table of every gate: whose turn, which outcomes, and what the deadline does. `docs/lifecycle.md` prints it. */
export const TASK_KINDS = {
  'partner.survey': kind('partner', ['answered'], [], EXPIRE),
  'application.decision': kind(
    'partner_manager',
    ['approve', 'decline', 'waitlist'],
    ['decline'],
    { kind: 'escalate-then', outcome: 'waitlist' },
    { defaultsAllowed: ['approve', 'decline', 'waitlist'] },
  ),
  'contract.signature': kind('partner', ['sign', 'counter', 'refuse'], ['refuse'], EXPIRE),
  'contract.counter': kind('legal', ['accept', 'keep', 'refuse'], ['refuse'], ESCALATE),
  'contract.countersignature': kind('legal', ['sign', 'revise', 'refuse'], ['refuse'], ESCALATE),
  'contract.amendment': kind('partner', ['accept', 'decline'], ['decline'], EXPIRE),
  'enablement.training': kind('partner', ['completed'], [], REMIND),
  'enablement.payout-details': kind('partner', ['submitted'], [], REMIND),
  'enablement.stalled': kind('partner_manager', ['extend', 'waive-training', 'end'], ['end'], ESCALATE),
  'payout-details.verification': kind('finance', ['verify', 'reject'], ['reject'], ESCALATE, { moneyGate: true }),
  'content.review': kind(
    'reviewer',
    ['approve', 'request-changes', 'reject'],
    ['request-changes', 'reject'],
    ESCALATE,
    { defaultsAllowed: ['approve', 'reject'] },
  ),
  'content.revision': kind('partner', ['resubmitted', 'withdrawn'], [], setTo('withdrawn'), {
    defaultsAllowed: ['withdrawn'],
  }),
  'content.publication': kind('partner', ['published', 'withdrawn'], [], setTo('withdrawn'), {
    defaultsAllowed: ['withdrawn'],
  }),
  'settlement.approval': money('finance', ['approve', 'hold'], ['hold'], setTo('hold')),
  'adjustment.approval': money('finance', ['approve', 'reject'], ['reject'], setTo('reject')),
  'payout.release': money('finance', ['release', 'hold'], ['hold'], setTo('hold')),
  'payout.investigation': kind('finance', ['paid', 'not-paid'], ['not-paid'], ESCALATE, {
    moneyGate: true,
    needTwoPersons: ['not-paid'],
  }),
  'hold.review': kind('finance', ['lift', 'confirm'], ['confirm'], ESCALATE, { moneyGate: true }),
  'reconciliation.difference': kind('finance', ['explain', 'correct'], ['explain'], ESCALATE, { moneyGate: true }),
  'setting.approval': money('finance', ['approve', 'reject'], ['reject'], setTo('reject'), ['owner']),
  'feedback.triage': kind(
    'partner_manager',
    ['answer', 'ask', 'correct', 'review-policy', 'decline'],
    ['decline'],
    ESCALATE,
  ),
  'feedback.information': kind('partner', ['answered'], [], EXPIRE),
  'feedback.appeal': kind('partner_manager', ['uphold', 'change'], ['uphold'], ESCALATE),
  'policy.approval': kind('partner_manager', ['approve', 'reject'], ['reject'], setTo('reject'), {
    moneyGate: true,
    steps: ['partner_manager', 'finance'],
    defaultsAllowed: ['reject'],
  }),
  'brief.approval': kind('partner_manager', ['approve', 'reject'], ['reject'], ESCALATE, {
    defaultsAllowed: ['reject'],
  }),
  'experiment.decision': kind('partner_manager', ['scale', 'iterate', 'stop'], ['stop'], ESCALATE),
  'mail.undeliverable': kind('partner_manager', ['fixed', 'ignore'], [], ESCALATE),
} as const satisfies Record<string, TaskKindRule>;

export type TaskKind = keyof typeof TASK_KINDS;
export const TASK_KIND_NAMES = Object.keys(TASK_KINDS) as TaskKind[];

/** Whether `text` names a kind of task. */
export function isTaskKind(text: string): text is TaskKind {
  return Object.hasOwn(TASK_KINDS, text);
}

/** The rule of a kind, widened from the table's literals. */
export function taskKind(kindName: TaskKind): TaskKindRule {
  return TASK_KINDS[kindName];
}

function kind(
  turn: Role,
  outcomes: readonly string[],
  needReason: readonly string[],
  atDeadline: DeadlineRule,
  more: Partial<TaskKindRule> = {},
): TaskKindRule {
  return { turn, outcomes, needReason, atDeadline, defaultsAllowed: [], ...more };
}

/** A gate before money moves: its only default is the outcome that keeps the money where it is. */
function money(
  turn: Role,
  outcomes: readonly string[],
  needReason: readonly string[],
  atDeadline: DeadlineRule,
  alsoRoles: readonly Role[] = [],
): TaskKindRule {
  return { turn, alsoRoles, outcomes, needReason, atDeadline, defaultsAllowed: [...needReason], moneyGate: true };
}
