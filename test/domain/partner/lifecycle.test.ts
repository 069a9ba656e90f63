import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextState, PARTNER_EVENTS, PARTNER_STATES } from '../../../domain/partner/lifecycle.ts';
import { TRANSITIONS } from '../../../domain/partner/transitions.ts';
import type { LifecycleFacts, PartnerEvent, PartnerState } from '../../../domain/partner/lifecycle.ts';

const DAY = 86_400_000;
const good: LifecycleFacts = {
  nowMs: 1_000 * DAY,
  reason: 'because',
  reapplyAfterMs: 999 * DAY,
  expiredAtMs: 990 * DAY,
  lateAnswerMs: 90 * DAY,
  counterRounds: 0,
  counterRoundsAllowed: 2,
  offerMatches: true,
  contractInForce: true,
  gatesMet: true,
};

describe("a partner's lifecycle", () => {
  it.each<[PartnerState | null, PartnerEvent, PartnerState]>([
    [null, 'created-by-team', 'surveying'],
    [null, 'applied', 'screening'],
    ['surveying', 'answered', 'screening'],
    ['surveying', 'survey-deadline', 'expired'],
    ['expired', 'late-answer', 'screening'],
    ['expired', 'reopened', 'surveying'],
    ['screening', 'approve', 'contracting'],
    ['screening', 'waitlist', 'waitlisted'],
    ['screening', 'screening-deadline', 'waitlisted'],
    ['screening', 'decline', 'declined'],
    ['waitlisted', 'brief-changed', 'screening'],
    ['waitlisted', 'waitlist-return', 'screening'],
    ['waitlisted', 'waitlist-over', 'declined'],
    ['declined', 'reapply', 'surveying'],
    ['ended', 'reapply', 'surveying'],
    ['contracting', 'partner-signed', 'contracting'],
    ['contracting', 'counter-proposed', 'contracting'],
    ['contracting', 'legal-revised', 'contracting'],
    ['contracting', 'refused', 'declined'],
    ['contracting', 'countersigned', 'enabling'],
    ['contracting', 'signature-deadline', 'expired'],
    ['enabling', 'quiz-failed', 'enabling'],
    ['enabling', 'details-rejected', 'enabling'],
    ['enabling', 'stalled', 'enabling'],
    ['enabling', 'gates-met', 'active'],
    ['active', 'pause', 'paused'],
    ['paused', 'resume', 'active'],
    ['active', 'end', 'ended'],
    ['paused', 'contract-expired', 'ended'],
    ['screening', 'withdraw', 'ended'],
  ])('goes from %s by %s to %s', (from, event, to) => {
    expect(nextState(from, event, good)).toEqual({ kind: 'moved', state: to });
  });

  it.each<[PartnerState, PartnerEvent, Partial<LifecycleFacts>, RegExp]>([
    ['expired', 'late-answer', { expiredAtMs: 900 * DAY }, /too late/],
    ['screening', 'decline', { reapplyAfterMs: null }, /date/],
    ['declined', 'reapply', { reapplyAfterMs: 1_001 * DAY }, /has not come/],
    ['contracting', 'partner-signed', { offerMatches: false }, /hash/],
    ['contracting', 'counter-proposed', { counterRounds: 2 }, /sign or refuse/],
    ['contracting', 'refused', { reason: ' ' }, /reason/],
    ['enabling', 'gates-met', { contractInForce: false }, /contract/],
    ['active', 'pause', { reason: '' }, /reason/],
    ['paused', 'resume', { contractInForce: false }, /contract/],
    ['active', 'resume', {}, /cannot take/],
    ['declined', 'withdraw', {}, /cannot take/],
  ])('refuses in %s the event %s with %j', (from, event, facts, reason) => {
    const move = nextState(from, event, { ...good, ...facts });
    expect(move).toEqual({ kind: 'refused', code: 'illegal-transition', reason: expect.stringMatching(reason) });
  });

  it('never leaves the table, whatever happens', () => {
    const facts = fc.record({
      nowMs: fc.nat(),
      reason: fc.option(fc.string()),
      reapplyAfterMs: fc.option(fc.nat()),
      expiredAtMs: fc.option(fc.nat()),
      offerMatches: fc.boolean(),
      contractInForce: fc.boolean(),
      gatesMet: fc.boolean(),
      counterRounds: fc.nat(3),
    });
    const steps = fc.array(fc.tuple(fc.constantFrom(...PARTNER_EVENTS), facts), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (events) => {
        let state: PartnerState | null = null;
        for (const [event, given] of events) {
          const move = nextState(state, event, given);
          const isListed = TRANSITIONS.some(
            (row) => row.event === event && (row.from as readonly unknown[]).includes(state),
          );
          if (move.kind === 'moved') expect(isListed).toBe(true);
          if (move.kind === 'moved') state = move.state;
          if (state !== null) expect(PARTNER_STATES).toContain(state);
        }
      }),
    );
  });

  it('reaches every state, and knows a way out of each', () => {
    const left = new Set(TRANSITIONS.flatMap((row): readonly unknown[] => row.from));
    for (const state of PARTNER_STATES) expect(left).toContain(state);
  });
});
