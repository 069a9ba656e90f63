import { describe, expect, it } from '@jest/globals';
import { amendmentHoldsFrom, assertNotPast } from '../../../domain/contract/amendment.ts';
import { contractInForce } from '../../../domain/contract/in-force.ts';
import type { ContractVersion } from '../../../domain/contract/in-force.ts';
import { defaultTerms } from '../../../domain/contract/terms.ts';
import { documentDiff } from '../../../domain/json/difference.ts';

const version = (
  no: number,
  countersignedAt: string,
  effectiveFrom: string,
  tail: string | null = null,
): ContractVersion => ({
  contractId: 'ctr_1',
  version: no,
  countersignedAt,
  effectiveFrom,
  terms: { ...defaultTerms('EUR'), tail },
});
const at = (versions: ContractVersion[], instant: string, endedAt: string | null = null) =>
  contractInForce({ versions, endedAt }, instant)?.version ?? null;

describe('the contract in force', () => {
  const versions = [
    version(1, '2026-01-05T00:00:00Z', '2026-01-01T00:00:00Z', 'P10D'),
    version(2, '2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z', 'P10D'),
  ];

  it('begins at the later of countersignature and start', () => {
    expect(at(versions, '2026-01-04T23:59:59.999999Z')).toBeNull();
    expect(at(versions, '2026-01-05T00:00:00Z')).toBe(1);
    expect(at(versions, '2026-02-28T23:59:59Z')).toBe(1);
    expect(at(versions, '2026-03-01T00:00:00Z')).toBe(2);
  });

  it('is the one of the day, also when it was replaced afterwards', () => {
    expect(at([...versions, version(3, '2026-04-01T00:00:00Z', '2026-04-01T00:00:00Z')], '2026-02-01T00:00:00Z')).toBe(
      1,
    );
  });

  it('ends with the contract, but for its tail', () => {
    const endedAt = '2026-03-10T00:00:00Z';
    expect(at(versions, '2026-03-09T23:59:59Z', endedAt)).toBe(2);
    expect(at(versions, '2026-03-19T23:59:59.999999Z', endedAt)).toBe(2);
    expect(at(versions, '2026-03-20T00:00:00Z', endedAt)).toBeNull();
    expect(
      at([version(1, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')], '2026-03-10T00:00:00Z', endedAt),
    ).toBeNull();
  });

  it('is never amended into the past', () => {
    expect(amendmentHoldsFrom('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z')).toBe('2026-01-02T00:00:00Z');
    expect(amendmentHoldsFrom('2026-01-03T00:00:00Z', '2026-01-02T00:00:00Z')).toBe('2026-01-03T00:00:00Z');
    expect(() => assertNotPast('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z')).toThrow(/past/);
  });

  it('tells the difference of two versions in plain words', () => {
    const before = { ...defaultTerms('EUR'), plan: { rules: [{ kind: 'percentage', basisPoints: 1_000 }] } };
    const after = {
      ...before,
      plan: { rules: [{ kind: 'flat', amount: { minor: 1_050, currency: 'EUR' } }] },
      channels: ['video'],
      tail: 'P5D',
    };
    expect(documentDiff(before, after).map(({ text }) => text)).toEqual([
      'channels: none → video',
      'plan.rules.1.amount: not set → 10.50 EUR',
      'plan.rules.1.basisPoints: 1000 → not set',
      'plan.rules.1.kind: percentage → flat',
      'tail: not set → P5D',
    ]);
  });
});
