/** Where the money of one payout is. `unknown` means that nobody may send again: look up, or ask a person. */
export const PAYOUT_STATES = [
  'approved',
  'released',
  'sending',
  'sent',
  'unknown',
  'investigation',
  'paid',
  'failed',
  'not-paid',
  'returned',
  'cancelled',
] as const;
export type PayoutState = (typeof PAYOUT_STATES)[number];

interface PayoutTransition {
  from: readonly PayoutState[];
  event: string;
  to: PayoutState;
}

/** settlement.md §6 as data. There is no way from `unknown` back to `sending`, and a voided payout is drawn anew under a new id. */
export const PAYOUT_TRANSITIONS = [
  { from: ['approved'], event: 'release', to: 'released' },
  // Changed details, a refund that leaves too little, or a hold: approvals fall, and the payout is drawn anew.
  { from: ['approved', 'released'], event: 'void', to: 'cancelled' },
  { from: ['released'], event: 'store-key', to: 'sending' },
  { from: ['sending'], event: 'accepted', to: 'sent' },
  { from: ['sending'], event: 'refused', to: 'failed' },
  { from: ['sending', 'sent'], event: 'lost', to: 'unknown' },
  // The provider's webhook may overtake the answer to the call.
  { from: ['sending', 'sent', 'unknown', 'investigation'], event: 'confirmed', to: 'paid' },
  { from: ['sending', 'sent', 'unknown', 'investigation'], event: 'rejected', to: 'failed' },
  { from: ['unknown'], event: 'found-sent', to: 'sent' },
  { from: ['unknown'], event: 'not-found', to: 'investigation' },
  { from: ['investigation'], event: 'investigated-paid', to: 'paid' },
  { from: ['investigation'], event: 'investigated-not-paid', to: 'not-paid' },
  { from: ['paid'], event: 'came-back', to: 'returned' },
] as const satisfies readonly PayoutTransition[];

export type PayoutEvent = (typeof PAYOUT_TRANSITIONS)[number]['event'];

/** The next state, or null when the event is not possible there (a late or doubled webhook changes nothing). */
export function nextPayoutState(state: PayoutState, event: PayoutEvent): PayoutState | null {
  const row = PAYOUT_TRANSITIONS.find(
    (transition) => transition.event === event && (transition.from as readonly PayoutState[]).includes(state),
  );
  return row?.to ?? null;
}

/** States in which nothing more happens by itself. */
export function isPayoutClosed(state: PayoutState): boolean {
  return ['paid', 'failed', 'not-paid', 'returned', 'cancelled'].includes(state);
}
