/** Where one piece of content stands. `live` content is reviewed again when it is edited or gone. */
export const CONTENT_STATES = [
  'in_review',
  'changes_requested',
  'approved',
  'published',
  'live',
  'rejected',
  'withdrawn',
] as const;
export type ContentState = (typeof CONTENT_STATES)[number];

interface ContentTransition {
  from: readonly ContentState[];
  event: string;
  to: ContentState;
}

/** product.md §3 as data: a draft is in review ⇄ changes are requested → approved → published → live → review again if edited or gone. */
export const CONTENT_TRANSITIONS = [
  { from: ['in_review'], event: 'approve', to: 'approved' },
  { from: ['in_review'], event: 'request-changes', to: 'changes_requested' },
  { from: ['in_review'], event: 'reject', to: 'rejected' },
  { from: ['changes_requested'], event: 'resubmitted', to: 'in_review' },
  { from: ['changes_requested', 'approved'], event: 'withdrawn', to: 'withdrawn' },
  { from: ['in_review', 'changes_requested', 'approved'], event: 'partner-ended', to: 'withdrawn' },
  { from: ['approved'], event: 'published', to: 'published' },
  { from: ['published'], event: 'seen-live', to: 'live' },
  { from: ['published', 'live'], event: 'edited', to: 'in_review' },
  { from: ['published', 'live'], event: 'gone', to: 'in_review' },
] as const satisfies readonly ContentTransition[];

/** The next state, or null when the event is not possible there. `event` is a row's event or the outcome of a task of the same name. */
export function nextContentState(state: ContentState, event: string): ContentState | null {
  const row = CONTENT_TRANSITIONS.find(
    (transition) => transition.event === event && (transition.from as readonly ContentState[]).includes(state),
  );
  return row?.to ?? null;
}

/** Whether changes may be asked for once more, or only approval and rejection are left. `round` counts from 1. */
export function mayRequestChanges(round: number, roundsAllowed: number): boolean {
  return round < roundsAllowed;
}
