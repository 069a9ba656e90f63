import { describe, expect, it } from '@jest/globals';
import { personMayDecide } from '../../../domain/task/deputy.ts';
import type { TaskAuthority } from '../../../domain/task/authority.ts';

const release: TaskAuthority = {
  kind: 'payout.release',
  role: 'finance',
  partnerId: 'prt_1',
  concerns: [],
  requestedBy: ['per_asker'],
  decidedBefore: ['per_approver'],
};
const nobody = { conflicts: [], standsInFor: [] };
const standIn = (personId: string) => ({ personId, roles: ['finance' as const], conflicts: [] });

describe('a person who stands in for others', () => {
  it('decides for somebody whose role it is, and counts as that person', () => {
    const deputy = { ...nobody, personId: 'per_deputy', roles: ['legal' as const], standsInFor: [standIn('per_boss')] };
    expect(personMayDecide(deputy, release)).toEqual({ kind: 'allowed', countsAs: 'per_boss' });
  });

  it('decides in their own role and counts as themselves', () => {
    const own = { ...nobody, personId: 'per_own', roles: ['finance' as const], standsInFor: [standIn('per_boss')] };
    expect(personMayDecide(own, release)).toEqual({ kind: 'allowed', countsAs: 'per_own' });
  });

  it('is not a second person beside the one they stand in for', () => {
    const own = { ...nobody, personId: 'per_own', roles: ['finance' as const], standsInFor: [standIn('per_approver')] };
    expect(personMayDecide(own, release)).toMatchObject({ kind: 'refused', code: 'second-person-required' });
  });

  it('does not decide what that person asked for, as whoever', () => {
    const deputy = {
      ...nobody,
      personId: 'per_deputy',
      roles: ['legal' as const],
      standsInFor: [standIn('per_asker')],
    };
    expect(personMayDecide(deputy, release).kind).toBe('refused');
  });

  it('without the role and without a stand-in is refused by the role', () => {
    const legal = { ...nobody, personId: 'per_legal', roles: ['legal' as const] };
    expect(personMayDecide(legal, release)).toMatchObject({ kind: 'refused', code: 'forbidden' });
  });
});
