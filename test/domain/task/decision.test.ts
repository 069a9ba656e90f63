import { describe, expect, it } from '@jest/globals';
import { taskDataFaults } from '../../../domain/task/data.ts';
import { assertOutcome, compareWithStanding, firstAssignee, personsNeeded } from '../../../domain/task/decision.ts';

describe('decisions', () => {
  it('wants a known outcome, and a reason for a negative one', () => {
    expect(() => assertOutcome('payout.release', 'approve', 'x')).toThrow(/release, hold/);
    expect(() => assertOutcome('payout.release', 'hold', '  ')).toThrow(/reason/);
    expect(() => assertOutcome('payout.release', 'release', null)).not.toThrow();
  });

  it('lets the same person repeat, and nobody else', () => {
    const standing = { outcome: 'approve', by: 'per_a' };
    expect(compareWithStanding(standing, { outcome: 'approve', by: 'per_a' })).toBe('repeated');
    expect(compareWithStanding(standing, { outcome: 'approve', by: 'per_b' })).toBe('decided');
    expect(compareWithStanding(standing, { outcome: 'decline', by: 'per_a' })).toBe('decided');
  });

  it('needs two persons for not-paid, and more where a threshold adds them', () => {
    expect(personsNeeded('payout.investigation', 'not-paid')).toBe(2);
    expect(personsNeeded('payout.investigation', 'paid')).toBe(1);
    expect(personsNeeded('payout.release', 'release', 1)).toBe(2);
    expect(personsNeeded('payout.release', 'release', -5)).toBe(1);
  });

  it("goes first to the partner's owner in their market", () => {
    expect(firstAssignee({ personId: 'per_a', markets: ['DE'] }, 'DE')).toBe('per_a');
    expect(firstAssignee({ personId: 'per_a', markets: ['DE'] }, 'JP')).toBeNull();
    expect(firstAssignee(null, 'DE')).toBeNull();
  });

  it('names each fault of the data by its path', () => {
    const answers = { audienceSize: 1.5, channels: ['video'], verticals: [''], regions: [], hobby: 'x' };
    expect(taskDataFaults('partner.survey', 'answered', { answers }).map(({ path }) => path)).toEqual([
      'data.answers.hobby',
      'data.answers.audienceSize',
      'data.answers.verticals.0',
    ]);
    expect(taskDataFaults('partner.survey', 'answered', undefined).map(({ path }) => path)).toEqual(['data.answers']);
    expect(taskDataFaults('hold.review', 'lift', { x: 1 }).map(({ path }) => path)).toEqual(['data.x']);
  });

  it('accepts the data that api.md shows', () => {
    expect(
      taskDataFaults('content.publication', 'published', {
        url: 'https://a.example/v',
        publishedAt: '2026-01-01T00:00:00Z',
      }),
    ).toEqual([]);
    expect(taskDataFaults('enablement.training', 'completed', { moduleId: 'trm_1', answers: { q1: 'a' } })).toEqual([]);
    expect(
      taskDataFaults('contract.signature', 'sign', { signatoryName: 'A', acceptedVersion: 1, acceptedHash: 'h' }),
    ).toEqual([]);
  });
});
