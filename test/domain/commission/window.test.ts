import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CommissionPlan } from '../../../domain/commission/plan.ts';
import { dependsOnWindow, windowCommissions } from '../../../domain/commission/window.ts';
import type { WindowConversion } from '../../../domain/commission/window.ts';
import { aPartnerTouch, aPolicy, credited, daysBefore } from '../../support/journeys.ts';
import { aSale, eur, percentage } from '../../support/commissions.ts';
import { vector } from '../../support/vector.ts';

const minors = (conversions: WindowConversion[]) =>
  Object.fromEntries(windowCommissions(conversions).map(({ externalId, minor }) => [externalId, minor]));
const one = (conversion: WindowConversion) => windowCommissions([conversion])[0]!;

it('amounts of two currencies in one window are not added, in caps and tiers', () => {
  const of = (currency: string, occurredAt: string, minor: number, plan: CommissionPlan) =>
    aSale(minor, { externalId: currency, currency, occurredAt, plan });
  const capped = (minor: number, currency: string) => ({
    rules: [percentage(1_000)],
    windowCap: { minor, currency },
  });
  const tiered = (currency: string) => ({
    rules: [
      {
        kind: 'tiered' as const,
        tiers: [
          { above: { minor: 0, currency }, basisPoints: 100 },
          { above: { minor: 40_000, currency }, basisPoints: 1_000 },
        ],
      },
    ],
  });
  const [first, second] = ['2026-03-02T00:00:00Z', '2026-03-03T00:00:00Z'] as const;
  expect(
    minors([of('EUR', first, 50_000, capped(10_000, 'EUR')), of('JPY', second, 20_000, capped(4_000, 'JPY'))]),
  ).toEqual({ EUR: 5_000, JPY: 2_000 });
  expect(minors([of('EUR', first, 40_000, tiered('EUR')), of('JPY', second, 20_000, tiered('JPY'))])).toEqual({
    EUR: 400,
    JPY: 200,
  });
});

describe('the commission of one credit', () => {
  it.each(vector('settlement', '1-half-up').cases as [number, number, number][])(
    'of %i at %d %% is %i',
    (minor, percent, commission) => {
      const basisPoints = Math.round(percent * 100);
      expect(one(aSale(minor, { plan: { rules: [percentage(basisPoints)] } })).minor).toBe(commission);
    },
  );

  it('rounds once, after the rate of exchange', () => {
    const touches = ['P1', 'P2', 'P3'].map((id, index) =>
      aPartnerTouch(id, { occurredAt: daysBefore([2, 3, 1][index]!) }),
    );
    const credit = credited(touches, aPolicy(), 10_025).credits.find(({ beneficiary }) => beneficiary.id === 'P2')!;
    expect(credit.minor).toBe(3_342);
    const sale = aSale(credit.minor, { currency: 'USD', contractCurrency: 'JPY', rate: '150.37' });
    expect(one(sale).minor).toBe(503);
  });

  it('takes the first rule that matches, by what was reported', () => {
    const plan: CommissionPlan = { rules: [percentage(1_000, { reportedAtLeast: eur(10_000) }), percentage(500)] };
    expect(one(aSale(12_000, { plan, remaining: 9_000 })).minor).toBe(900);
    expect(one(aSale(9_999, { plan })).minor).toBe(500);
  });

  it.each<[object, object, boolean]>([
    [{ types: ['trial'] }, {}, false],
    [{ types: ['purchase', 'trial'] }, {}, true],
    [{ products: ['a'] }, {}, false],
    [{ products: ['a'] }, { product: 'a' }, true],
    [{ verticals: ['games'] }, { vertical: 'games' }, true],
    [{ countries: ['US'] }, {}, false],
    [{ channels: ['video'] }, {}, true],
    [{ channels: ['blog'] }, {}, false],
    [{ newCustomer: true }, {}, false],
    [{ newCustomer: false }, {}, true],
    [{ reportedAtLeast: { minor: 1, currency: 'USD' } }, {}, false],
    [{ from: '2026-01-10T12:00:00Z' }, {}, true],
    [{ until: '2026-01-10T12:00:00Z' }, {}, false],
    [{ monthsSinceParentBelow: 12 }, { monthsSinceParent: 11 }, true],
    [{ monthsSinceParentBelow: 12 }, { monthsSinceParent: 12 }, false],
  ])('asks of %j and %j whether the rule matches: %s', (when, conversion, matches) => {
    const result = one(aSale(1_000, { plan: { rules: [percentage(1_000, when)] }, conversion }));
    expect(result.minor).toBe(matches ? 100 : 0);
    expect(result.parts[0]!.reason).toBe(matches ? null : 'no-rule');
  });

  it('gives a flat amount by share, which stands until the whole value is returned', () => {
    const plan: CommissionPlan = { rules: [{ kind: 'flat', amount: eur(1_000) }] };
    const share = { plan, shareE12: 333_333_333_333 };
    expect(one(aSale(9_000, { ...share, remaining: 4_500 })).minor).toBe(333);
    expect(one(aSale(9_000, { ...share, remaining: 0 }))).toMatchObject({ minor: 0, parts: [{ reason: 'refunded' }] });
    expect(one(aSale(0, { plan })).minor).toBe(1_000);
  });

  it('says that a commission below half a unit is none', () => {
    const plan: CommissionPlan = { rules: [percentage(2_000)] };
    expect(one(aSale(2, { plan })).parts[0]).toMatchObject({ minor: 0, reason: 'below-half-unit' });
    expect(one(aSale(0, { plan })).parts[0]).toMatchObject({ minor: 0, reason: null });
  });

  it('adds a bonus for a new customer, rounded alone', () => {
    const plan: CommissionPlan = { rules: [{ kind: 'bonus', amount: eur(500) }, percentage(1_000)] };
    const result = one(aSale(15, { plan, shareE12: 500_000_000_000, conversion: { newCustomer: true } }));
    expect(result.parts.map(({ ruleKind, minor }) => [ruleKind, minor])).toEqual([
      ['percentage', 2],
      ['bonus', 250],
    ]);
    expect(one(aSale(15, { plan })).minor).toBe(2);
  });

  it('earns nothing on a channel that the contract does not allow, and says so', () => {
    const result = one(aSale(1_000, { channels: ['blog'] }));
    expect(result.parts).toEqual([
      { channel: 'video', ruleIndex: null, ruleKind: null, minor: 0, reason: 'channel-not-allowed' },
    ]);
  });
});

describe('a window of origin', () => {
  const tiered: CommissionPlan = {
    rules: [
      {
        kind: 'tiered',
        tiers: [
          { above: eur(0), basisPoints: 1_000 },
          { above: eur(100_000), basisPoints: 1_500 },
        ],
      },
    ],
  };
  const sale = (externalId: string, minor: number, day: number, plan: CommissionPlan, remaining = minor) =>
    aSale(minor, { externalId, plan, remaining, occurredAt: `2026-01-${String(day).padStart(2, '0')}T00:00:00Z` });

  it('pays 55 more when a January sale of 400 comes late and crosses a tier', () => {
    const before = minors([sale('a', 90_000, 5, tiered)]);
    const after = minors([sale('late', 40_000, 20, tiered), sale('a', 90_000, 5, tiered)]);
    expect(before).toEqual({ a: 9_000 });
    expect(after).toEqual({ a: 9_000, late: 14_500 - 9_000 });
  });

  it('computes every later conversion again when an earlier one comes late', () => {
    expect(minors([sale('a', 90_000, 5, tiered), sale('early', 40_000, 1, tiered)])).toEqual({
      early: 4_000,
      a: 6_000 + 4_500,
    });
  });

  it('runs volume on across contract versions', () => {
    const better: CommissionPlan = { rules: [{ kind: 'tiered', tiers: [{ above: eur(50_000), basisPoints: 2_000 }] }] };
    expect(minors([sale('a', 90_000, 5, tiered), sale('b', 1_000, 6, better)])).toEqual({ a: 9_000, b: 200 });
  });

  it('cuts off at the window cap, and gives it back when an earlier one is refunded', () => {
    const plan: CommissionPlan = { rules: [percentage(1_000)], windowCap: eur(10_000) };
    const results = windowCommissions([sale('c1', 80_000, 1, plan), sale('c2', 80_000, 2, plan)]);
    expect(results.map(({ minor, cutOffMinor }) => [minor, cutOffMinor])).toEqual([
      [8_000, 0],
      [2_000, 6_000],
    ]);
    expect(minors([sale('c1', 80_000, 1, plan, 0), sale('c2', 80_000, 2, plan)])).toEqual({ c1: 0, c2: 8_000 });
  });

  it('caps each conversion before the window', () => {
    const plan: CommissionPlan = { rules: [percentage(1_000)], conversionCap: eur(5_000), windowCap: eur(7_000) };
    expect(minors([sale('c1', 80_000, 1, plan), sale('c2', 80_000, 2, plan)])).toEqual({ c1: 5_000, c2: 2_000 });
  });

  it('orders by time, then by external id, whatever order it is given', () => {
    const plan: CommissionPlan = { ...tiered, windowCap: eur(13_000) };
    const sales = [sale('b', 70_000, 3, plan), sale('a', 70_000, 3, plan), sale('c', 10_000, 1, plan)];
    fc.assert(
      fc.property(fc.shuffledSubarray(sales, { minLength: 3 }), (shuffled) => {
        expect(windowCommissions(shuffled)).toEqual(windowCommissions(sales));
      }),
    );
    expect(windowCommissions(sales).map(({ externalId }) => externalId)).toEqual(['c', 'a', 'b']);
  });

  it('does not depend on the order of a conversion’s credits', () => {
    const credit = (channel: string, minor: number) => ({ channel, shareE12: 500_000_000_000, minor });
    const both = [credit('blog', 60_003), credit('video', 60_004)];
    const results = [both, both.toReversed()].map((credits) =>
      windowCommissions([{ ...sale('a', 120_007, 1, tiered), credits }]),
    );
    expect(results[1]).toEqual(results[0]);
    expect(results[0]![0]!.parts.map(({ minor }) => minor)).toEqual([6_000, 4_000 + 3_001]);
  });

  it('never pays more than the cap, and tiers earn as one sale of the whole would', () => {
    const list = fc.array(fc.integer({ min: 0, max: 500_000 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(list, fc.integer({ min: 0, max: 50_000 }), (amounts, cap) => {
        const sales = (plan: CommissionPlan) =>
          amounts.map((minor, index) => sale(`s${index}`, minor, index + 1, plan));
        const sum = (results: { minor: number }[]) => results.reduce((total, { minor }) => total + minor, 0);
        expect(sum(windowCommissions(sales({ ...tiered, windowCap: eur(cap) })))).toBeLessThanOrEqual(cap);
        const whole = one(
          sale(
            'all',
            amounts.reduce((a, b) => a + b, 0),
            1,
            tiered,
          ),
        ).minor;
        expect(Math.abs(sum(windowCommissions(sales(tiered))) - whole)).toBeLessThanOrEqual(amounts.length);
      }),
    );
  });

  it('says which plans need the whole window', () => {
    expect(
      [tiered, { rules: [percentage(1)] }, { rules: [percentage(1)], windowCap: eur(1) }].map((plan) =>
        dependsOnWindow({ plan, currency: 'EUR', channels: [] }),
      ),
    ).toEqual([true, false, true]);
  });
});
