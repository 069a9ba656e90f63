/** What a partner may tell us about. */
export const FEEDBACK_KINDS = ['attribution', 'payment', 'content', 'idea'] as const;
export type FeedbackKind = (typeof FEEDBACK_KINDS)[number];

/** Where a case stands (product.md §3). `correcting` and `policy-review` wait for what was started; then the partner is told. */
export const CASE_STATES = [
  'open',
  'waiting-for-information',
  'correcting',
  'policy-review',
  'answered',
  'declined',
  'appealed',
  'closed',
] as const;
export type CaseState = (typeof CASE_STATES)[number];

interface CaseTransition {
  from: readonly CaseState[];
  event: string;
  to: CaseState;
}

export const CASE_TRANSITIONS = [
  { from: ['open'], event: 'ask', to: 'waiting-for-information' },
  { from: ['waiting-for-information'], event: 'information-given', to: 'open' },
  // Decided without what was asked for.
  { from: ['waiting-for-information'], event: 'information-deadline', to: 'open' },
  { from: ['open'], event: 'answer', to: 'answered' },
  { from: ['open'], event: 'decline', to: 'declined' },
  { from: ['open'], event: 'correct', to: 'correcting' },
  { from: ['open'], event: 'review-policy', to: 'policy-review' },
  { from: ['correcting', 'policy-review'], event: 'carried-out', to: 'answered' },
  { from: ['correcting', 'policy-review'], event: 'not-carried-out', to: 'answered' },
  { from: ['answered', 'declined'], event: 'appeal', to: 'appealed' },
  { from: ['appealed'], event: 'uphold', to: 'closed' },
  { from: ['appealed'], event: 'change', to: 'correcting' },
  { from: ['answered', 'declined'], event: 'appeal-time-over', to: 'closed' },
] as const satisfies readonly CaseTransition[];

/** What a case is answered with when no person writes the words: each has them in every language of the mails. */
export const CASE_ANSWERS = [
  'order-corrected',
  'rule-changed',
  'rule-changed-and-posted',
  'rule-changed-not-posted',
  'rule-not-changed',
] as const;
export type CaseAnswer = (typeof CASE_ANSWERS)[number];

export type CaseEvent = (typeof CASE_TRANSITIONS)[number]['event'];

export type CaseMove = { kind: 'moved'; state: CaseState } | { kind: 'refused'; reason: string };

/**
 * The next state of a case. There is one appeal, and none against its own outcome.
 * @param appeals how many were made before
 */
export function nextCaseState(state: CaseState, event: CaseEvent, appeals: number): CaseMove {
  if (event === 'appeal' && appeals > 0) return { kind: 'refused', reason: 'There is one appeal, and it was made.' };
  const row = CASE_TRANSITIONS.find(
    (transition) => transition.event === event && (transition.from as readonly CaseState[]).includes(state),
  );
  if (row) return { kind: 'moved', state: row.to };
  return { kind: 'refused', reason: `A case that is ${state} cannot take "${event}".` };
}
