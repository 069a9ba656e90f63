/** Where one piece of content stands. `live` content is reviewed again when it is edited or gone. */
export const CONTENT_STATES = [
  'draft',
  'review',
  'changes',
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

/** product.md §3 as data: draft → review ⇄ changes → approved → published → live → review again if edited or gone. */
export const CONTENT_TRANSITIONS = [
  { from: ['draft'], event: 'submitted', to: 'review' },
  { from: ['review'], event: 'approve', to: 'approved' },
  { from: ['review'], event: 'request-changes', to: 'changes' },
  { from: ['review'], event: 'reject', to: 'rejected' },
  { from: ['changes'], event: 'resubmitted', to: 'review' },
  { from: ['changes', 'approved'], event: 'withdrawn', to: 'withdrawn' },
  { from: ['approved'], event: 'published', to: 'published' },
  { from: ['published'], event: 'seen-live', to: 'live' },
  { from: ['published', 'live'], event: 'edited', to: 'review' },
  { from: ['published', 'live'], event: 'gone', to: 'review' },
] as const satisfies readonly ContentTransition[];

export type ContentEvent = (typeof CONTENT_TRANSITIONS)[number]['event'];

/** The next state, or null when the event is not possible there. */
export function nextContentState(state: ContentState, event: ContentEvent): ContentState | null {
  const row = CONTENT_TRANSITIONS.find(
    (transition) => transition.event === event && (transition.from as readonly ContentState[]).includes(state),
  );
  return row?.to ?? null;
}

/** Whether changes may be asked for once more, or only approval and rejection are left. `round` counts from 1. */
export function mayRequestChanges(round: number, roundsAllowed: number): boolean {
  return round < roundsAllowed;
}
