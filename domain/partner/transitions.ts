import type { GuardName, PartnerState } from './lifecycle.ts';

interface Transition {
  from: readonly (PartnerState | null)[];
  event: string;
  guard: GuardName;
  to: PartnerState | 'same';
}

/** Every state in which a partner has not been active yet and may still say no. */
const BEFORE_ACTIVE = ['surveying', 'screening', 'waitlisted', 'expired', 'contracting', 'enabling'] as const;

/** The whole journey as data: states × events. What is not here is refused. */
export const TRANSITIONS = [
  { from: [null], event: 'created-by-team', guard: 'none', to: 'surveying' },
  { from: [null], event: 'applied', guard: 'none', to: 'screening' },

  { from: ['surveying'], event: 'answered', guard: 'none', to: 'screening' },
  { from: ['surveying'], event: 'survey-deadline', guard: 'none', to: 'expired' },
  { from: ['expired'], event: 'late-answer', guard: 'late-answer-allowed', to: 'screening' },
  { from: ['expired'], event: 'reopened', guard: 'none', to: 'surveying' },

  { from: ['screening'], event: 'approve', guard: 'none', to: 'contracting' },
  { from: ['screening'], event: 'waitlist', guard: 'none', to: 'waitlisted' },
  { from: ['screening'], event: 'screening-deadline', guard: 'none', to: 'waitlisted' },
  { from: ['screening'], event: 'decline', guard: 'reason-and-reapply-date', to: 'declined' },
  { from: ['waitlisted'], event: 'brief-changed', guard: 'none', to: 'screening' },
  { from: ['waitlisted'], event: 'waitlist-return', guard: 'none', to: 'screening' },
  { from: ['waitlisted'], event: 'waitlist-over', guard: 'none', to: 'declined' },
  { from: ['declined', 'ended'], event: 'reapply', guard: 'reapply-date-passed', to: 'surveying' },

  { from: ['contracting'], event: 'partner-signed', guard: 'offer-matches', to: 'same' },
  { from: ['contracting'], event: 'counter-proposed', guard: 'counter-allowed', to: 'same' },
  { from: ['contracting'], event: 'legal-revised', guard: 'none', to: 'same' },
  { from: ['contracting'], event: 'refused', guard: 'reason', to: 'declined' },
  { from: ['contracting'], event: 'countersigned', guard: 'offer-matches', to: 'enabling' },
  { from: ['contracting'], event: 'signature-deadline', guard: 'none', to: 'expired' },

  { from: ['enabling'], event: 'quiz-failed', guard: 'none', to: 'same' },
  { from: ['enabling'], event: 'details-rejected', guard: 'none', to: 'same' },
  { from: ['enabling'], event: 'stalled', guard: 'none', to: 'same' },
  { from: ['enabling'], event: 'gates-met', guard: 'contract-and-gates', to: 'active' },
  // The outcome `end` of `enablement.stalled`: the team withdraws for a partner that never came.
  { from: ['enabling'], event: 'stalled-end', guard: 'reason', to: 'ended' },

  { from: ['active'], event: 'pause', guard: 'reason-and-contract', to: 'paused' },
  { from: ['paused'], event: 'resume', guard: 'reason-and-contract', to: 'active' },
  { from: ['active', 'paused'], event: 'end', guard: 'none', to: 'ended' },
  { from: ['active', 'paused'], event: 'contract-expired', guard: 'none', to: 'ended' },
  { from: BEFORE_ACTIVE, event: 'withdraw', guard: 'none', to: 'ended' },
] as const satisfies readonly Transition[];
