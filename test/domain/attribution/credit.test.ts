import { describe, expect, it } from '@jest/globals';
import { creditConversion } from '../../../domain/attribution/credit.ts';
import { inheritShares, splitValue } from '../../../domain/attribution/split.ts';
import {
  aPartnerTouch,
  aPath,
  aPolicy,
  aTouchpoint,
  CONVERSION_AT,
  credited,
  daysBefore,
  minorById,
} from '../../support/journeys.ts';

const reasons = (result: { touchpoints: { id: string; reason: string | null }[] }) =>
  Object.fromEntries(result.touchpoints.map(({ id, reason }) => [id, reason]));

describe('crediting a conversion', () => {
  it('follows the example of decay, lookback, exclusion and multipliers to the cent', () => {
    const policy = aPolicy({
      model: { kind: 'time-decay', halfLife: 'P7D' },
      exclusions: [{ channel: 'system_email', mode: 'unless-only' }],
      multipliers: [
        { channel: 'video', factor: 1.5 },
        { partnerType: 'creator', factor: 1.2 },
      ],
      lookback: { default: 'P30D', byKind: { view: 'P1D' } },
    });
    const touchpoints = [
      aPartnerTouch('P1', { id: 'a', occurredAt: daysBefore(29 + 23 / 24) }),
      aPartnerTouch('P2', { id: 'b', kind: 'view', occurredAt: daysBefore(20) }),
      aPartnerTouch('P3', { id: 'c', partnerType: 'agency', channel: 'blog', occurredAt: daysBefore(7) }),
      aPartnerTouch('P1', { id: 'd', occurredAt: daysBefore(3) }),
      aTouchpoint({ id: 'e', channel: 'system_email', occurredAt: daysBefore(0.1) }),
    ];
    const result = credited(touchpoints, policy);
    expect(minorById(result)).toEqual({ P1: 7_409, P3: 2_591 });
    expect(reasons(result)).toEqual({ a: null, b: 'outside-lookback', c: null, d: null, e: 'excluded-channel' });
  });

  it('gives A, e-mail, A, B half each when e-mail is excluded and repeats collapse', () => {
    const policy = aPolicy({ exclusions: [{ channel: 'email', mode: 'always' }], transforms: ['collapse-repeats'] });
    const result = credited(aPath(['a', 'email', 'a', 'b']), policy);
    expect(minorById(result)).toEqual({ a: 5_000, b: 5_000 });
    expect(Object.values(reasons(result))).toEqual(['collapsed', 'excluded-channel', null, null]);
  });

  it('gives AAABBB exactly half each, and an odd cent to the earlier', () => {
    const result = credited(aPath(['b', 'b', 'b', 'a', 'a', 'a']), aPolicy(), 10_001);
    expect(result.credits.map(({ channel, shareE12, minor }) => [channel, shareE12, minor])).toEqual([
      ['b', 500_000_000_000, 5_001],
      ['a', 500_000_000_000, 5_000],
    ]);
  });

  it('breaks ties by the earlier first touchpoint, then the id, then the channel', () => {
    const at = daysBefore(2);
    const touches = [
      aPartnerTouch('prt_b', { id: '1', occurredAt: at }),
      aPartnerTouch('prt_a', { id: '2', occurredAt: at, channel: 'video' }),
      aPartnerTouch('prt_a', { id: '3', occurredAt: at, channel: 'blog' }),
      aPartnerTouch('prt_z', { id: '4', occurredAt: daysBefore(3) }),
    ];
    const { credits } = credited(touches, aPolicy(), 3);
    expect(credits.map(({ beneficiary, channel, minor }) => [beneficiary.id, channel, minor])).toEqual([
      ['prt_z', 'video', 1],
      ['prt_a', 'blog', 1],
      ['prt_a', 'video', 1],
      ['prt_b', 'video', 0],
    ]);
  });

  it('orders touchpoints of one instant by when they were received, and only then by id', () => {
    const at = daysBefore(2);
    const touches = [
      aTouchpoint({ id: '1', channel: 'third', occurredAt: at, receivedAt: '2026-06-30T00:00:00.000003Z' }),
      aTouchpoint({ id: '2', channel: 'second', occurredAt: at, receivedAt: '2026-06-30T00:00:00.000002Z' }),
      aTouchpoint({ id: '3', channel: 'fourth', occurredAt: at, receivedAt: '2026-06-30T00:00:00.000003Z' }),
      aTouchpoint({ id: '4', channel: 'first', occurredAt: at, receivedAt: '2026-06-30T00:00:00.000001Z' }),
      // What happened later comes later, however early it was received.
      aTouchpoint({ id: '0', channel: 'last', occurredAt: daysBefore(1), receivedAt: '2026-06-28T00:00:00Z' }),
    ];
    for (const list of [touches, touches.toReversed()]) {
      expect(credited(list, aPolicy()).touchpoints.map(({ id }) => id)).toEqual(['4', '2', '1', '3', '0']);
      expect(minorById(credited(list, aPolicy({ model: { kind: 'first' } })))).toEqual({ first: 10_000 });
      const before = list.filter(({ id }) => id !== '0');
      expect(minorById(credited(before, aPolicy({ model: { kind: 'last' } })))).toEqual({ fourth: 10_000 });
    }
  });

  it('counts both edges and says why the others do not', () => {
    const micro = (text: string) => text.replace('.000Z', '.000001Z');
    const touches = [
      aTouchpoint({ id: 'at-once', channel: 'a', occurredAt: CONVERSION_AT }),
      aTouchpoint({ id: 'later', channel: 'b', occurredAt: micro(CONVERSION_AT) }),
      aTouchpoint({ id: 'oldest', channel: 'c', occurredAt: daysBefore(30) }),
      aTouchpoint({ id: 'too-old', channel: 'd', occurredAt: '2026-05-31T11:59:59.999999Z' }),
      aTouchpoint({ id: 'voided', channel: 'e', isVoided: true }),
      aPartnerTouch('prt_1', { id: 'no-contract' }),
    ];
    const result = creditConversion({ occurredAt: CONVERSION_AT, remainingMinor: 100 }, touches, aPolicy(), () => null);
    expect(reasons(result)).toEqual({
      'too-old': 'outside-lookback',
      oldest: null,
      voided: 'voided',
      'no-contract': 'contract-not-in-force',
      'at-once': null,
      later: 'later-than-conversion',
    });
    expect(minorById(result)).toEqual({ a: 50, c: 50 });
  });

  it('asks for a lookback first the contract by kind, then the policy by kind, by channel, and the defaults', () => {
    const policy = aPolicy({ lookback: { default: 'P30D', byKind: { view: 'P1D' }, byChannel: { video: 'P3D' } } });
    const counts = (terms: object, more: object) => {
      const touch = aPartnerTouch('prt_1', more);
      return (
        creditConversion({ occurredAt: CONVERSION_AT, remainingMinor: 1 }, [touch], policy, () => terms).touchpoints[0]!
          .reason === null
      );
    };
    expect(counts({ byKind: { view: 'P5D' } }, { kind: 'view', occurredAt: daysBefore(4) })).toBe(true);
    expect(counts({ default: 'P60D' }, { kind: 'view', occurredAt: daysBefore(2) })).toBe(false);
    expect(counts({ default: 'P60D' }, { kind: 'click', occurredAt: daysBefore(4) })).toBe(false);
    expect(counts({ default: 'P60D' }, { kind: 'click', channel: 'blog', occurredAt: daysBefore(50) })).toBe(true);
    expect(counts({}, { kind: 'click', channel: 'blog', occurredAt: daysBefore(31) })).toBe(false);
  });

  it('gives what nobody earned to the programme', () => {
    for (const touches of [[], aPath(['email'])]) {
      const policy = aPolicy({ exclusions: [{ channel: 'email', mode: 'always' }] });
      const { credits } = credited(touches, policy, 100);
      expect(credits).toEqual([
        {
          beneficiary: { kind: 'program', id: 'unattributed' },
          channel: 'unattributed',
          shareE12: 1e12,
          minor: 100,
          firstTouchAt: null,
        },
      ]);
    }
  });

  it.each([
    ['two', [0.1, 3], 0.3],
    ['none', [], 1],
    ['the least', [0.000000001], 0.000000001],
    ['200 of 1000', Array.from({ length: 200 }, () => 1_000), Number.MAX_VALUE],
    ['200 of 0.001', Array.from({ length: 200 }, () => 0.001), Number.MIN_VALUE],
    ['200 large and small ones', Array.from({ length: 200 }, (_, n) => (n < 120 ? 1_000 : n < 199 ? 0.001 : 1)), 1e123],
    ['one that is 0', [1_000, 0], 0],
  ])('shows the product of multipliers as a number: %s', (_, factors, shown) => {
    const multipliers = factors.map((factor) => ({ channel: 'a', factor }));
    const [touchpoint] = credited(aPath(['a']), aPolicy({ multipliers })).touchpoints;
    expect(touchpoint!.factor).toBe(shown);
  });

  it('says zero-weight where model or multiplier leaves nothing', () => {
    const last = credited(aPath(['a', 'b']), aPolicy({ model: { kind: 'last' } }));
    expect(Object.values(reasons(last))).toEqual(['zero-weight', null]);
    const weights = credited(
      aPath(['a', 'constructor', '__proto__']),
      aPolicy({ model: { kind: 'weights', weights: { a: 2 } } }),
    );
    expect(minorById(weights)).toEqual({ a: 10_000 });
    const none = credited(aPath(['a']), aPolicy({ multipliers: [{ channel: 'a', factor: 0 }] }));
    expect(minorById(none)).toEqual({ unattributed: 10_000 });
  });

  it('multiplies by market, where every other field of the rule matches too', () => {
    const touches = [
      aPartnerTouch('prt_de', { market: 'DE' }),
      aPartnerTouch('prt_at', { market: 'AT' }),
      aPartnerTouch('prt_none'),
      aTouchpoint({ id: 'own', channel: 'video' }),
    ];
    const under = (...multipliers: object[]) => minorById(credited(touches, aPolicy({ multipliers }), 100));
    expect(under({ market: 'DE', factor: 2 })).toEqual({ prt_de: 40, prt_at: 20, prt_none: 20, video: 20 });
    expect(under({ market: 'DE', factor: 0 }, { market: 'AT', factor: 2 })).toEqual({
      prt_at: 50,
      prt_none: 25,
      video: 25,
    });
    expect(under({ market: 'DE', partnerType: 'agency', factor: 5 }, { market: 'CH', factor: 5 })).toEqual({
      prt_de: 25,
      prt_at: 25,
      prt_none: 25,
      video: 25,
    });
  });

  it("caps a partner's share, its channels in proportion, and gives the rest to the programme", () => {
    const touches = [
      aPartnerTouch('prt_1', { id: '1', channel: 'video' }),
      aPartnerTouch('prt_1', { id: '2', channel: 'video' }),
      aPartnerTouch('prt_1', { id: '3', channel: 'blog' }),
      aPartnerTouch('prt_1', { id: '4', channel: 'blog' }),
      aTouchpoint({ id: '5' }),
    ];
    const result = credited(touches, aPolicy({ perPartnerShare: 0.5 }));
    expect(minorById(result)).toEqual({ prt_1: 5_000, paid_search: 2_000, unattributed: 3_000 });
    const shown = result.touchpoints.reduce((sum, { weight }) => sum + weight, 0);
    expect(shown).toBeCloseTo(0.7, 12);
  });

  it('credits a journey whose touchpoints are thousands of half-lives old', () => {
    const policy = aPolicy({ model: { kind: 'time-decay', halfLife: 'PT1M' } });
    const result = credited([aTouchpoint({ occurredAt: daysBefore(29) })], policy);
    expect(minorById(result)).toEqual({ paid_search: 10_000 });
  });

  it('keeps only the last touchpoints, or the first of each', () => {
    expect(minorById(credited(aPath(['a', 'b', 'c']), aPolicy({ transforms: [{ keepLast: 2 }] })))).toEqual({
      b: 5_000,
      c: 5_000,
    });
    const distinct = credited(
      aPath(['a', 'b', 'a']),
      aPolicy({ model: { kind: 'last' }, transforms: ['distinct-first'] }),
    );
    expect(minorById(distinct)).toEqual({ b: 10_000 });
  });

  it("inherits a parent's shares, except those of partners whose contract is over", () => {
    const parent = credited(
      [aPartnerTouch('prt_1'), aPartnerTouch('prt_2'), aTouchpoint({ id: 'x' })],
      aPolicy(),
    ).credits;
    const all = inheritShares(301, parent, () => true);
    expect(all.map(({ minor }) => minor)).toEqual(
      splitValue(
        301,
        [1, 1, 1].map((weight, index) => ({ ...parent[index]!, weight: BigInt(weight), firstTouchMicros: index })),
      ).map(({ minor }) => minor),
    );
    const some = inheritShares(300, parent, (id) => id === 'prt_1');
    expect(Object.fromEntries(some.map(({ beneficiary, minor }) => [beneficiary.id, minor]))).toEqual({
      prt_1: 100,
      paid_search: 100,
      unattributed: 100,
    });
  });

  it('refuses weights below nothing, which only a policy that nobody checked can give, instead of leaving them out', () => {
    const touches = aPath(['a', 'b', 'c']);
    for (const model of [
      { kind: 'weights' as const, weights: { a: 1, b: -1, c: 1 } },
      { kind: 'position' as const, first: 0.333_333_333_5, last: 0.666_666_666_5 },
    ])
      expect(() => credited(touches, { ...aPolicy(), model })).toThrow('not negative');
  });

  it('leaves 0.14, 0.13, 0.13 of 1.00 over three partners after sixty refunds of a cent', () => {
    const touches = [1, 2, 3].map((n) => aPartnerTouch(`prt_${n}`, { id: `t${n}`, occurredAt: daysBefore(4 - n) }));
    expect(minorById(credited(touches, aPolicy(), 40))).toEqual({ prt_1: 14, prt_2: 13, prt_3: 13 });
  });
});
