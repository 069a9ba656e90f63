import { describe, expect, it } from '@jest/globals';
import { creditConversion } from '../../../domain/attribution/credit.ts';
import { contractInForce } from '../../../domain/contract/in-force.ts';
import type { ContractVersion } from '../../../domain/contract/in-force.ts';
import { defaultTerms } from '../../../domain/contract/terms.ts';
import { vector } from '../../support/vector.ts';
import { aPartnerTouch, aPath, aPolicy, aTouchpoint, credited, daysBefore, minorById } from '../../support/journeys.ts';

/** Weights per channel of a path of own channels. */
function weightsByChannel(path: string[], policy: object): Record<string, number> {
  const touchpoints = aPath(path);
  const result = credited(touchpoints, aPolicy(policy));
  const sums: Record<string, number> = {};
  result.touchpoints.forEach(({ weight }, index) => {
    const { channel } = touchpoints[index]!;
    if (weight > 0) sums[channel] = (sums[channel] ?? 0) + weight;
  });
  return sums;
}

describe('worked figures with public sources', () => {
  it.each(['1-split-percent', '2-split-equal'])('splits as %s does', (id) => {
    const { value, touches, model, expected } = vector('attribution', id);
    const sums = weightsByChannel(touches, { model });
    expect(Object.values(sums).map((weight) => weight * value)).toEqual(
      (expected as number[]).map((part) => expect.closeTo(part, 5)),
    );
  });

  it.each(
    vector('attribution', '3-ignored-channels').cases as {
      id: string;
      path: string[];
      expected: Record<string, number>;
    }[],
  )('ignores channels as case $id does', ({ path, expected }) => {
    const { model, exclusions } = vector('attribution', '3-ignored-channels');
    expect(weightsByChannel(path, { model, exclusions })).toEqual(expected);
  });

  it.each(
    vector('attribution', '6-position-two').cases as {
      path: string[];
      value: number;
      model: object;
      expected: Record<string, number>;
    }[],
  )('splits $value over $path into $expected', ({ path, value, model, expected }) => {
    const result = credited(aPath(path), aPolicy({ model }), value * 100);
    const cents = Object.fromEntries(Object.entries(expected).map(([channel, part]) => [channel, part * 100]));
    expect(minorById(result)).toEqual(cents);
  });

  const five = vector('attribution', '7-five-touches');
  it.each([
    ['first', { kind: 'first' }],
    ['last', { kind: 'last' }],
    ['linear', { kind: 'linear' }],
    ['position 40/20/40', { kind: 'position', first: 0.4, last: 0.4 }],
    ['time-decay P7D', { kind: 'time-decay', halfLife: 'P7D' }],
  ])('weighs five touches under %s', (name, model) => {
    const touchpoints = (five.touches as [number, string][]).map(([day, channel], index) =>
      aTouchpoint({ id: `tch_${index}`, channel, occurredAt: daysBefore(five.conversionDay - day) }),
    );
    const result = credited(touchpoints, aPolicy({ model, lookback: { default: 'P60D' } }));
    expect(result.touchpoints.map(({ weight }) => weight * five.value)).toEqual(
      (five.expected[name] as number[]).map((part) => expect.closeTo(part, 5)),
    );
  });

  it('halves by half-life, and counts a touchpoint exactly as old as the lookback', () => {
    const { touchDays, conversionDay, model, expected } = vector('attribution', '8-half-life');
    const touchpoints = (touchDays as number[]).map((day, index) =>
      aTouchpoint({ id: `tch_${index}`, channel: `c${index}`, occurredAt: daysBefore(conversionDay - day) }),
    );
    const result = credited(touchpoints, aPolicy({ model, lookback: { default: 'P28D' } }));
    expect(result.touchpoints.map(({ weight }) => weight)).toEqual(
      (expected as number[]).map((part) => expect.closeTo(part, 14)),
    );
  });

  it('holds a conversion that is older than the policy allows, and not one exactly so old', () => {
    const age = (seconds: number) =>
      credited([aPartnerTouch('prt_1', { occurredAt: daysBefore(seconds / 86_400) })], aPolicy({ maximumAge: 'PT1M' }));
    expect([60, 61].map((seconds) => age(seconds).ageFault)).toEqual([null, 'too-late']);
  });

  it.each(vector('attribution', '10-conversion-age').cases as { ageSeconds: number; expected: string }[])(
    'says "$expected" when the click is $ageSeconds s old',
    ({ ageSeconds, expected }) => {
      const { minimumAge } = vector('attribution', '10-conversion-age');
      const touch = aPartnerTouch('prt_1', { occurredAt: daysBefore(ageSeconds / 86_400) });
      const result = credited([touch], aPolicy({ minimumAge }));
      expect(result.ageFault).toBe(expected === 'credited' ? null : 'too-soon');
      expect(minorById(result)).toEqual({ prt_1: 10_000 });
    },
  );

  it.each([
    ['the last microsecond of the first terms', '2026-06-30T23:59:59.999999Z', { prt_1: 10_000 }],
    ['the instant at which they were replaced', '2026-07-01T00:00:00Z', { unattributed: 10_000 }],
  ])('credits by the terms in force on its own date: %s', (_, occurredAt, expected) => {
    const { note } = vector('attribution', '11-contract-of-the-day');
    expect(note).toContain('the terms that were in force on its own date, even if they were replaced afterwards');
    const version = (no: number, from: string, lookback: string): ContractVersion => ({
      contractId: 'ctr_1',
      version: no,
      countersignedAt: from,
      effectiveFrom: from,
      terms: { ...defaultTerms('EUR'), lookback: { default: lookback } },
    });
    const replaced = {
      versions: [version(1, '2026-01-01T00:00:00Z', 'P30D'), version(2, '2026-07-01T00:00:00Z', 'P7D')],
      endedAt: null,
    };
    const touch = aPartnerTouch('prt_1', { occurredAt: '2026-06-20T00:00:00Z' });
    const result = creditConversion(
      { occurredAt, remainingMinor: 10_000 },
      [touch],
      aPolicy(),
      () => contractInForce(replaced, occurredAt)?.terms.lookback ?? null,
    );
    expect(minorById(result)).toEqual(expected);
  });
});
