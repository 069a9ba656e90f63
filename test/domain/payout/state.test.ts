import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { releaseFaults } from '../../../domain/payout/release.ts';
import type { ReleaseFacts } from '../../../domain/payout/release.ts';
import { isPayoutClosed, nextPayoutState, PAYOUT_STATES, PAYOUT_TRANSITIONS } from '../../../domain/payout/state.ts';
import type { PayoutEvent, PayoutState } from '../../../domain/payout/state.ts';

const events = [...new Set(PAYOUT_TRANSITIONS.map(({ event }) => event))];
const walk = (path: PayoutEvent[], from: PayoutState = 'approved') =>
  path.reduce<PayoutState | null>((state, event) => (state ? nextPayoutState(state, event) : null), from);

describe('a payout', () => {
  it.each<[PayoutEvent[], PayoutState | null]>([
    [['release', 'store-key', 'accepted', 'confirmed'], 'paid'],
    [['release', 'store-key', 'confirmed'], 'paid'],
    [['release', 'store-key', 'lost', 'found-sent', 'confirmed'], 'paid'],
    [['release', 'store-key', 'lost', 'not-found', 'investigated-not-paid'], 'not-paid'],
    [['release', 'store-key', 'refused'], 'failed'],
    [['release', 'store-key', 'accepted', 'confirmed', 'came-back'], 'returned'],
    [['void'], 'cancelled'],
    [['release', 'store-key', 'void'], null],
    [['store-key'], null],
    [['release', 'store-key', 'accepted', 'confirmed', 'confirmed'], null],
  ])('goes by %j to %s', (path, state) => {
    expect(walk(path)).toBe(state);
  });

  it('never sends a second time, however events fall', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events), { maxLength: 40 }), (sequence) => {
        let state: PayoutState = 'approved';
        let sends = 0;
        for (const event of sequence) {
          const next = nextPayoutState(state, event);
          if (next === null) continue;
          if (next === 'sending') sends += 1;
          expect(PAYOUT_STATES).toContain(next);
          state = next;
        }
        expect(sends).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('leaves closed states only when paid money comes back', () => {
    const leaving = PAYOUT_STATES.filter(isPayoutClosed).flatMap((state) =>
      events.filter((event) => nextPayoutState(state, event)),
    );
    expect(leaving).toEqual(['came-back']);
  });
});

describe('a release', () => {
  const facts: ReleaseFacts = {
    amountMinor: 100,
    payableMinor: 100,
    approvedBy: ['per_a'],
    releasedBy: ['per_b'],
    extraApprovers: 0,
    approvedDetailsHash: 'h',
    currentDetailsHash: 'h',
    detailsHoldUntilMs: null,
    nowMs: 10,
    standingHolds: 0,
    isPartnerPaused: false,
  };

  it('goes when two persons want it and the money is there', () => {
    expect(releaseFaults(facts)).toEqual([]);
    expect(releaseFaults({ ...facts, detailsHoldUntilMs: 10 })).toEqual([]);
  });

  it.each<[Partial<ReleaseFacts>, string]>([
    [{ releasedBy: ['per_a'] }, 'second-person-missing'],
    [{ releasedBy: [] }, 'second-person-missing'],
    [{ approvedBy: [], releasedBy: ['per_a', 'per_b'] }, 'second-person-missing'],
    [{ approvedBy: ['per_a', 'per_b'], releasedBy: ['per_a'] }, 'second-person-missing'],
    [{ extraApprovers: 1 }, 'second-person-missing'],
    [{ currentDetailsHash: 'x' }, 'details-changed'],
    [{ currentDetailsHash: null }, 'details-missing'],
    [{ detailsHoldUntilMs: 11 }, 'details-on-hold'],
    [{ standingHolds: 1 }, 'hold-stands'],
    [{ isPartnerPaused: true }, 'partner-paused'],
    [{ payableMinor: 99 }, 'payable-too-low'],
    [{ amountMinor: 0 }, 'nothing-to-pay'],
  ])('does not go with %j: %s', (more, fault) => {
    expect(releaseFaults({ ...facts, ...more })).toEqual([fault]);
  });
});
