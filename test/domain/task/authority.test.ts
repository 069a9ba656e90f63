import { describe, expect, it } from '@jest/globals';
import { mayDecide } from '../../../domain/task/authority.ts';
import type { Actor, TaskAuthority } from '../../../domain/task/authority.ts';
import type { Role } from '../../../domain/task/kinds.ts';

const person = (personId: string, roles: Role[], more = {}): Actor => ({
  kind: 'person',
  personId,
  roles,
  conflicts: [],
  ...more,
});
const release: TaskAuthority = {
  kind: 'payout.release',
  role: 'finance',
  partnerId: 'prt_1',
  concerns: [],
  requestedBy: [],
  decidedBefore: ['per_a'],
};
const code = (actor: Actor, task: TaskAuthority) => {
  const answer = mayDecide(actor, task);
  return answer.kind === 'refused' ? answer.code : 'allowed';
};

describe('who may decide', () => {
  it('lets the role decide, and nobody else', () => {
    expect(mayDecide(person('per_b', ['finance']), release)).toEqual({ kind: 'allowed', countsAs: 'per_b' });
    expect(code(person('per_b', ['legal', 'auditor']), release)).toBe('forbidden');
    expect(code(person('per_b', ['owner']), release)).toBe('forbidden');
    expect(code({ kind: 'key' }, release)).toBe('forbidden');
    expect(code({ kind: 'partner', partnerId: 'prt_1' }, release)).toBe('forbidden');
  });

  it('lets an owner decide only settings', () => {
    const setting: TaskAuthority = {
      kind: 'setting.approval',
      role: 'finance',
      partnerId: null,
      concerns: [],
      requestedBy: ['per_o'],
      decidedBefore: [],
    };
    expect(code(person('per_b', ['owner']), setting)).toBe('allowed');
    expect(code(person('per_o', ['owner']), setting)).toBe('own-request');
  });

  it('takes the role of the step where a kind has steps', () => {
    const policy: TaskAuthority = {
      kind: 'policy.approval',
      role: 'finance',
      partnerId: null,
      concerns: [],
      requestedBy: ['per_s'],
      decidedBefore: ['per_m'],
    };
    expect(code(person('per_b', ['partner_manager']), policy)).toBe('forbidden');
    expect(code(person('per_s', ['finance']), policy)).toBe('own-request');
    expect(code(person('per_m', ['partner_manager', 'finance']), policy)).toBe('second-person-required');
  });

  it('wants another person than the approver to release', () => {
    expect(code(person('per_a', ['finance']), release)).toBe('second-person-required');
  });

  it('counts a delegate as the person stood in for, and as themselves', () => {
    const standIn = (own: string, other: string) =>
      person(own, ['finance'], { standsInFor: { personId: other, conflicts: ['prt_9'] } });
    expect(mayDecide(standIn('per_d', 'per_b'), release)).toEqual({ kind: 'allowed', countsAs: 'per_b' });
    expect(code(standIn('per_d', 'per_a'), release)).toBe('second-person-required');
    expect(code(standIn('per_a', 'per_b'), release)).toBe('second-person-required');
    expect(code(standIn('per_d', 'per_b'), { ...release, partnerId: 'prt_9' })).toBe('linked-person');
  });

  it('keeps people away from partners they are linked to', () => {
    expect(code(person('per_b', ['finance'], { conflicts: ['prt_1'] }), release)).toBe('linked-person');
    const touching = { ...release, partnerId: null, concerns: ['prt_2', 'prt_3'] };
    expect(code(person('per_b', ['finance'], { conflicts: ['prt_3'] }), touching)).toBe('linked-person');
    expect(code(person('per_b', ['finance'], { conflicts: ['prt_1'] }), touching)).toBe('allowed');
  });

  it("leaves a partner's turn to that partner", () => {
    const survey: TaskAuthority = {
      kind: 'partner.survey',
      role: 'partner',
      partnerId: 'prt_1',
      concerns: [],
      requestedBy: [],
      decidedBefore: [],
    };
    expect(mayDecide({ kind: 'partner', partnerId: 'prt_1' }, survey)).toEqual({ kind: 'allowed', countsAs: null });
    expect(code({ kind: 'partner', partnerId: 'prt_2' }, survey)).toBe('forbidden');
    expect(code(person('per_b', ['partner_manager']), survey)).toBe('forbidden');
  });
});
