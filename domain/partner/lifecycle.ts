import { TRANSITIONS } from './transitions.ts';

/** Where a partner's journey stands. `null` is the partner that does not exist yet. */
export const PARTNER_STATES = [
  'surveying',
  'screening',
  'waitlisted',
  'declined',
  'expired',
  'contracting',
  'enabling',
  'active',
  'paused',
  'ended',
] as const;
export type PartnerState = (typeof PARTNER_STATES)[number];

/** What a guard may look at. Only the facts that the event's guards need must be given. */
export interface LifecycleFacts {
  nowMs: number;
  reason?: string | null;
  /** Earliest instant of a new application, of this decline or the one that stands. */
  reapplyAfterMs?: number | null;
  expiredAtMs?: number | null;
  /** How long after expiry a late answer still counts, in ms (settings, 90 days). */
  lateAnswerMs?: number;
  waitlistedAtMs?: number | null;
  /** Counter-proposals made before this one, and how many are allowed (settings, two). */
  counterRounds?: number;
  counterRoundsAllowed?: number;
  /** Whether version and hash that were accepted are the ones on offer. */
  offerMatches?: boolean;
  contractInForce?: boolean;
  gatesMet?: boolean;
}

export type PartnerEvent = (typeof TRANSITIONS)[number]['event'];
export const PARTNER_EVENTS: readonly PartnerEvent[] = [...new Set(TRANSITIONS.map((row) => row.event))];

export type Move =
  { kind: 'moved'; state: PartnerState } | { kind: 'refused'; code: 'illegal-transition'; reason: string };

/** Each guard returns null when it holds, else the sentence that the caller gets with the 409. */
export const GUARDS = {
  none: () => null,
  reason: ({ reason }: LifecycleFacts) => (reason?.trim() ? null : 'Give a reason.'),
  'reason-and-reapply-date': ({ reason, reapplyAfterMs }: LifecycleFacts) =>
    reason?.trim() && reapplyAfterMs != null ? null : 'Give a reason and the date from which to apply again.',
  'late-answer-allowed': ({ nowMs, expiredAtMs, lateAnswerMs }: LifecycleFacts) =>
    nowMs - (expiredAtMs ?? -Infinity) <= (lateAnswerMs ?? 0) ? null : 'The answer came too late; ask to be reopened.',
  'reapply-date-passed': ({ nowMs, reapplyAfterMs }: LifecycleFacts) =>
    nowMs >= (reapplyAfterMs ?? -Infinity) ? null : 'The date from which to apply again has not come.',
  'offer-matches': ({ offerMatches }: LifecycleFacts) =>
    offerMatches ? null : 'The version or its hash is not the one on offer; read the latest version.',
  'counter-allowed': ({ counterRounds, counterRoundsAllowed }: LifecycleFacts) =>
    (counterRounds ?? 0) < (counterRoundsAllowed ?? 2) ? null : 'No further counter-proposal; sign or refuse.',
  'contract-and-gates': ({ contractInForce, gatesMet }: LifecycleFacts) =>
    contractInForce && gatesMet ? null : 'Training, details or the contract are not there yet.',
  'reason-and-contract': ({ reason, contractInForce }: LifecycleFacts) =>
    !reason?.trim() ? 'Give a reason.' : contractInForce ? null : 'No contract is in force.',
} satisfies Record<string, (facts: LifecycleFacts) => string | null>;

export type GuardName = keyof typeof GUARDS;

/**
 * The next state of a partner (product.md §3). Anything the table does not list is refused; of rows for one state
 * and event the first whose guard holds wins. Never throws.
 */
export function nextState(state: PartnerState | null, event: PartnerEvent, facts: LifecycleFacts): Move {
  let reason = `A partner that is ${state ?? 'not known yet'} cannot take "${event}".`;
  for (const row of TRANSITIONS) {
    if (row.event !== event || !(row.from as readonly (PartnerState | null)[]).includes(state)) continue;
    const fault = GUARDS[row.guard](facts);
    if (fault === null) return { kind: 'moved', state: row.to === 'same' ? (state as PartnerState) : row.to };
    reason = fault;
  }
  return { kind: 'refused', code: 'illegal-transition', reason };
}
