import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exp2 } from '../../../domain/attribution/exp2.ts';
import { allocate } from '../../../domain/money/allocate.ts';
import { SHARES, sharesOf } from '../../../domain/attribution/shares.ts';
import { filters, journeys, policies } from '../../support/random-journeys.ts';
import type { Touchpoint } from '../../../domain/attribution/touchpoint.ts';
import type { CreditResult } from '../../../domain/attribution/credit.ts';
import type { Policy } from '../../../domain/attribution/policy.ts';
import { aPolicy, aTouchpoint, credited, daysBefore, minorById } from '../../support/journeys.ts';

const minor = fc.integer({ min: -10_000_000_000_000, max: 10_000_000_000_000 });

/** One to three touchpoints of a channel that no drawn policy names. */
const toolbars = fc
  .array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 3 })
  .map((ages) =>
    ages.map((minutes, index) =>
      aTouchpoint({ id: `tch_x${index}`, channel: 'toolbar', occurredAt: daysBefore(minutes / 1_440) }),
    ),
  );

function withoutToolbar(policy: Policy, mode: 'always' | 'unless-only'): Policy {
  return { ...policy, exclusions: [...policy.exclusions, { channel: 'toolbar', mode }] };
}

describe('credit, over random journeys and policies', () => {
  it('sums to the value and to a whole conversion, and explains every touchpoint', () => {
    fc.assert(
      fc.property(journeys, policies, minor, (touchpoints, policy, value) => {
        const { credits, touchpoints: seen } = credited(touchpoints, policy, value);
        expect(credits.reduce((sum, credit) => sum + credit.minor, 0)).toBe(value);
        expect(credits.reduce((sum, credit) => sum + credit.shareE12, 0)).toBe(SHARES);
        expect(new Set(credits.map(({ beneficiary, channel }) => `${beneficiary.id}/${channel}`)).size).toBe(
          credits.length,
        );
        expect(seen.map(({ id }) => id).sort()).toEqual(touchpoints.map(({ id }) => id).sort());
        for (const { weight, reason } of seen) expect(weight > 0).toBe(reason === null);
        const programme = credits.find(({ beneficiary }) => beneficiary.kind === 'program')?.shareE12 ?? 0;
        const shown = seen.reduce((sum, { weight }) => sum + weight, 0);
        expect(shown + programme / SHARES).toBeCloseTo(1, 9);
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on the order in which touchpoints come', () => {
    const shuffled = journeys.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, policies, ([list, other], policy) => {
        expect(credited(other, policy)).toEqual(credited(list, policy));
      }),
    );
  });

  it('changes nothing when an excluded touchpoint is added', () => {
    fc.assert(
      fc.property(journeys, policies, fc.integer({ min: 0, max: 40_000 }), (list, policy, minutes) => {
        const strict = withoutToolbar(policy, 'always');
        const added: Touchpoint = aTouchpoint({
          id: 'tch_x',
          channel: 'toolbar',
          occurredAt: daysBefore(minutes / 1_440),
        });
        expect(credited([...list, added], strict).credits).toEqual(credited(list, strict).credits);
      }),
    );
  });

  it('changes nothing when a touchpoint is added that is excluded unless only, beside another that counts', () => {
    const beside = journeys.map((list) => [...list, aTouchpoint({ id: 'tch_o', channel: 'other' })]);
    fc.assert(
      fc.property(beside, policies, toolbars, (list, policy, added) => {
        const strict = withoutToolbar(policy, 'unless-only');
        const [before, after] = [credited(list, strict), credited([...list, ...added], strict)];
        expect(after.credits).toEqual(before.credits);
        expect(after.touchpoints.filter(({ reason }) => reason !== 'excluded-channel')).toEqual(
          before.touchpoints.filter(({ reason }) => reason !== 'excluded-channel'),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('excludes none of the touchpoints that are excluded unless only, where no other counts', () => {
    const noOther = journeys.map((list) => list.map((touchpoint): Touchpoint => ({ ...touchpoint, isVoided: true })));
    fc.assert(
      fc.property(noOther, policies, toolbars, (list, policy, only) => {
        const all = [...list, ...only];
        expect(credited(all, withoutToolbar(policy, 'unless-only'))).toEqual(credited(all, policy));
      }),
      { numRuns: 300 },
    );
  });

  it('changes nothing by a multiplier of 1, whichever touchpoints it speaks of', () => {
    // With a filter: a factor of every touchpoint is a common one, and would change nothing whatever it were read as.
    const ones = fc.array(
      filters.map((filter) => ({ ...filter, factor: 1 })),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(journeys, policies, ones, fc.boolean(), (list, policy, more, isBefore) => {
        const multipliers = isBefore ? [...more, ...policy.multipliers] : [...policy.multipliers, ...more];
        // It is named beside the touchpoints that it matches, and counts nothing there.
        const counted = ({ touchpoints, ...rest }: CreditResult) => ({
          ...rest,
          touchpoints: touchpoints.map(({ multipliers: _, ...step }) => step),
        });
        expect(counted(credited(list, { ...policy, multipliers }))).toEqual(counted(credited(list, policy)));
      }),
      { numRuns: 300 },
    );
  });

  it('mirrors negative values', () => {
    fc.assert(
      fc.property(journeys, policies, minor, (list, policy, value) => {
        const [plus, minus] = [credited(list, policy, value), credited(list, policy, 0 - value)];
        expect(minus.credits.map((credit) => credit.minor)).toEqual(plus.credits.map((credit) => 0 - credit.minor));
      }),
      { examples: [[[], aPolicy(), 0]] },
    );
  });

  it('gives no partner more than its cap, within a unit', () => {
    fc.assert(
      fc.property(journeys, policies, (list, policy) => {
        const result = credited(list, { ...policy, perPartnerShare: 0.25 }, 1_000_000);
        for (const [id, part] of Object.entries(minorById(result))) {
          if (id.startsWith('prt_')) expect(part).toBeLessThanOrEqual(250_000 + 4);
        }
      }),
    );
  });

  it('scales with no factor that all touchpoints share', () => {
    fc.assert(
      fc.property(
        journeys,
        fc.constantFrom('linear', 'position', 'time-decay'),
        fc.constantFrom(2, 3, 0.1, 1.7),
        (list, kind, factor) => {
          const policy = aPolicy({ model: { kind } });
          expect(credited(list, { ...policy, multipliers: [{ factor }] }).credits).toEqual(
            credited(list, policy).credits,
          );
        },
      ),
    );
  });
});

describe('integer shares', () => {
  it('sum exactly, and stay within one unit of the exact part', () => {
    const weights = fc
      .array(fc.bigInt({ min: 0n, max: 10n ** 30n }), { minLength: 1, maxLength: 50 })
      .filter((list) => list.some((weight) => weight > 0n));
    fc.assert(
      fc.property(weights, (list) => {
        const shares = sharesOf(list);
        const sum = list.reduce((all, weight) => all + weight, 0n);
        expect(shares.reduce((all, share) => all + share, 0)).toBe(SHARES);
        shares.forEach((share, index) => {
          const difference = BigInt(share) * sum - list[index]! * BigInt(SHARES);
          expect(difference < sum && difference > -sum).toBe(true);
        });
      }),
    );
  });

  it('treat weights alike that are equal on paper, whatever noise floating point would add', () => {
    // 0.1 + 0.2 + 0.3 is 0.6000000000000001 in binary, so all but the earliest would change places.
    const kinds = [
      ['click', 0.1],
      ['view', 0.2],
      ['code', 0.3],
      ['visit', 0.6],
    ] as const;
    const policy = aPolicy({ multipliers: kinds.map(([kind, factor]) => ({ kind, factor })) });
    const first = [2, 3].map((n) =>
      aTouchpoint({ id: `q${n}`, kind: 'visit', partnerId: `prt_${n}`, occurredAt: daysBefore(2) }),
    );
    const later = kinds
      .slice(0, 3)
      .map(([kind]) => aTouchpoint({ id: kind, kind, partnerId: 'prt_1', occurredAt: daysBefore(1) }));
    const shares = credited([...first, ...later], policy, 100).credits;
    expect(shares.map(({ beneficiary, shareE12, minor: part }) => [beneficiary.id, shareE12, part])).toEqual([
      ['prt_2', 333_333_333_334, 34],
      ['prt_3', 333_333_333_333, 33],
      ['prt_1', 333_333_333_333, 33],
    ]);
  });

  it('of tenths are those of whole numbers', () => {
    const tenths = fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 15 });
    fc.assert(
      fc.property(tenths, (list) => {
        const weights = Object.fromEntries(list.map((tenth, index) => [`c${index}`, tenth / 10]));
        const touches = list.map((_, index) =>
          aTouchpoint({ id: `t${index}`, channel: `c${index}`, occurredAt: daysBefore(20 - index) }),
        );
        const shares = credited(touches, aPolicy({ model: { kind: 'weights', weights } })).credits.map(
          ({ shareE12 }) => shareE12,
        );
        expect(shares).toEqual(allocate(SHARES, list));
      }),
      { numRuns: 500 },
    );
  });
});

describe('powers of two', () => {
  it('agree with the engine to the last places, and are exact at whole numbers', () => {
    fc.assert(
      fc.property(fc.double({ min: -1_000, max: 0, noNaN: true }), (x) => {
        expect(Math.abs(exp2(x) / 2 ** x - 1)).toBeLessThan(1e-15);
      }),
      { numRuns: 1_000 },
    );
    for (const x of [0, -1, -10, -1_022]) expect(exp2(x)).toBe(2 ** x);
    expect(exp2(-2_000)).toBe(0);
  });
});
