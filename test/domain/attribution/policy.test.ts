import { describe, expect, it } from '@jest/globals';
import type { DomainError } from '../../../domain/errors.ts';
import { policyInForce } from '../../../domain/attribution/in-force.ts';
import { readPolicy } from '../../../domain/attribution/policy-document.ts';
import { aPolicy } from '../../support/journeys.ts';

function faults(document: object): string[] {
  try {
    readPolicy({ name: 'p', model: { kind: 'linear' }, ...document });
    return [];
  } catch (error) {
    return (error as DomainError).details.errors!.map(({ path }) => path);
  }
}

const weightsOf = (...channels: string[]) => channels.map((channel) => `model.weights.${channel}`);

describe('a policy document', () => {
  it('fills in the defaults', () => {
    expect(readPolicy({ name: 'p', model: { kind: 'position' } })).toEqual({
      name: 'p',
      conversionTypes: ['*'],
      model: { kind: 'position', first: 0.4, last: 0.4 },
      exclusions: [],
      transforms: [],
      multipliers: [],
      lookback: { default: 'P30D', byKind: {}, byChannel: {} },
    });
    expect(aPolicy({ model: { kind: 'time-decay' } }).model).toEqual({ kind: 'time-decay', halfLife: 'P7D' });
  });

  it.each<[object, string[]]>([
    [{ name: '' }, ['name']],
    [{ model: { kind: 'guess' } }, ['model.kind']],
    [{ model: undefined }, ['model.kind']],
    [{ model: { kind: 'linear', first: 0.4 } }, ['model.first']],
    [{ model: { kind: 'position', first: 0.6, last: 0.5 } }, ['model']],
    [{ model: { kind: 'position', first: 0, last: 0 } }, ['model']],
    [{ model: { kind: 'position', first: -0.1 } }, ['model.first']],
    [{ model: { kind: 'position', first: 0.333_333_333_5, last: 0.666_666_666_5 } }, ['model']],
    [{ model: { kind: 'position', first: 1e-10, last: 1e-10 } }, ['model.first', 'model.last']],
    [{ model: { kind: 'position', first: 0, last: 1e-10 } }, ['model.last']],
    [{ model: { kind: 'position', first: 0, last: 1e-9 } }, []],
    [{ model: { kind: 'weights', weights: { a: 9.9e-10, b: 1e-9, c: 0, d: 5e-324 } } }, weightsOf('a', 'd')],
    [{ multipliers: [{ factor: 9.9e-10 }, { factor: 1e-9 }, { factor: 0 }] }, ['multipliers.0.factor']],
    [{ perPartnerShare: 9.9e-10 }, ['perPartnerShare']],
    [{ perPartnerShare: 1e-9 }, []],
    [{ model: { kind: 'time-decay', halfLife: 'PT0S' } }, ['model.halfLife']],
    [{ model: { kind: 'time-decay', halfLife: 'P1M' } }, ['model.halfLife']],
    [{ model: { kind: 'weights', weights: { blog: -1 } } }, ['model.weights.blog']],
    [{ model: { kind: 'weights', weights: { Blog: 1 } } }, ['model.weights.Blog']],
    [{ model: { kind: 'weights' } }, ['model.weights']],
    [{ model: { kind: 'last' }, multipliers: [{ factor: 2 }] }, ['multipliers']],
    [{ multipliers: [{ channel: 'a', factor: -1 }] }, ['multipliers.0.factor']],
    [{ multipliers: [{ chanel: 'a', factor: 1 }] }, ['multipliers.0.chanel']],
    [{ exclusions: [{ mode: 'always' }] }, ['exclusions.0']],
    [{ exclusions: [{ beneficiary: 'channel', partnerId: 'prt_a', mode: 'always' }] }, ['exclusions.0.partnerId']],
    [{ multipliers: [{ beneficiary: 'channel', partnerId: 'prt_a', factor: 2 }] }, ['multipliers.0.partnerId']],
    [
      { exclusions: [{ beneficiary: 'channel', partnerType: 'creator', mode: 'always' }] },
      ['exclusions.0.partnerType'],
    ],
    [{ multipliers: [{ beneficiary: 'channel', market: 'DE', factor: 2 }] }, ['multipliers.0.market']],
    [{ exclusions: [{ channel: 'a', mode: 'never' }] }, ['exclusions.0.mode']],
    [{ exclusions: [{ market: 'DE', mode: 'always' }] }, ['exclusions.0.market', 'exclusions.0']],
    [{ transforms: ['sort'] }, ['transforms.0']],
    [{ transforms: [{ keepLast: 0 }] }, ['transforms.0.keepLast']],
    [{ lookback: { default: '30' } }, ['lookback.default']],
    [{ lookback: { byKind: { glance: 'P1D' } } }, ['lookback.byKind.glance']],
    [{ lookback: { byChannel: { video: 'soon' } } }, ['lookback.byChannel.video']],
    [{ perPartnerShare: 1.1 }, ['perPartnerShare']],
    [{ perPartnerShare: 0 }, ['perPartnerShare']],
    [{ conversionTypes: [] }, ['conversionTypes']],
    [{ conversionTypes: ['Sign-Up'] }, ['conversionTypes.0']],
    [{ conversionTypes: ['sale', '*', 'sale', 'sale'] }, ['conversionTypes.2', 'conversionTypes.3']],
    [{ minimumAge: 'P1Y' }, ['minimumAge']],
    [{ minimumAge: 'P2D', maximumAge: 'P1D' }, ['maximumAge']],
    [{ minimumAge: 'P1D', maximumAge: 'PT24H' }, []],
    [{ exclusions: [{ channel: 'Bad Channel!', mode: 'always' }] }, ['exclusions.0.channel']],
    [{ multipliers: [{ channel: '-', factor: 2 }] }, ['multipliers.0.channel']],
    [{ effectiveFrom: '2026-01-01T00:00:00Z' }, ['effectiveFrom']],
  ])('names the fields of %j that are wrong', (document, paths) => {
    expect(faults(document)).toEqual(paths);
  });

  it.each([
    [{ multipliers: [{ factor: 1e-10 }] }, 'Give at least 0.000000001, or 0: decimals are read to nine places.'],
    [
      { perPartnerShare: 1e-10 },
      'Give a share of at least 0.000000001 and at most 1: decimals are read to nine places.',
    ],
  ])('says of %j why it would count nothing', (document, message) => {
    expect(() => aPolicy(document)).toThrow(message);
  });

  it('names any channel that a touchpoint can have, a hyphened type of partner too', () => {
    const channel = 'micro-influencer';
    expect(
      faults({
        model: { kind: 'weights', weights: { [channel]: 2 } },
        exclusions: [{ channel, mode: 'unless-only' }],
        multipliers: [{ channel, factor: 2 }],
        lookback: { byChannel: { [channel]: 'P3D' } },
      }),
    ).toEqual([]);
  });

  it('takes first and last that sum to 1 in decimals but not in binary', () => {
    expect(faults({ model: { kind: 'position', first: 0.7, last: 0.1 + 0.2 } })).toEqual([]);
  });
});

describe('the policy in force', () => {
  const span = (policyId: string, from: string, to: string | null, conversionTypes = ['*'], execution = 0) => ({
    policyId,
    conversionTypes,
    from,
    to,
    execution,
  });
  const spans = [
    span('a', '2026-01-01T00:00:00Z', '2026-03-01T00:00:00Z'),
    span('b', '2026-03-01T00:00:00Z', null),
    span('signup', '2026-02-01T00:00:00Z', null, ['sign_up']),
  ];

  it('is the one of the day, an exact type before all others', () => {
    expect(policyInForce(spans, 'purchase', '2026-02-28T23:59:59Z')?.policyId).toBe('a');
    expect(policyInForce(spans, 'purchase', '2026-03-01T00:00:00Z')?.policyId).toBe('b');
    expect(policyInForce(spans, 'sign_up', '2026-03-01T00:00:00Z')?.policyId).toBe('signup');
    expect(policyInForce(spans, 'purchase', '2025-12-31T00:00:00Z')).toBeNull();
  });

  it('is the newest executed re-evaluation for the past that it touches', () => {
    const replayed = [
      ...spans,
      span('b', '2026-01-10T00:00:00Z', '2026-03-01T00:00:00Z', ['*'], 1),
      span('c', '2026-02-01T00:00:00Z', '2026-02-10T00:00:00Z', ['*'], 2),
    ];
    expect(policyInForce(replayed, 'purchase', '2026-01-09T00:00:00Z')?.policyId).toBe('a');
    expect(policyInForce(replayed, 'purchase', '2026-01-15T00:00:00Z')?.policyId).toBe('b');
    expect(policyInForce(replayed, 'purchase', '2026-02-05T00:00:00Z')?.policyId).toBe('c');
  });
});
