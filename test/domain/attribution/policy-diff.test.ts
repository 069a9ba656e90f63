import { describe, expect, it } from '@jest/globals';
import { policyDiff } from '../../../domain/attribution/policy-diff.ts';
import { partnersNamed } from '../../../domain/attribution/policy-words.ts';
import { aPolicy } from '../../support/journeys.ts';

const texts = (...asked: Parameters<typeof policyDiff>) => policyDiff(...asked).map(({ text }) => text);

describe('the difference of two policies', () => {
  it('reads as sentences', () => {
    const before = aPolicy({ model: { kind: 'last' } });
    const after = aPolicy({
      model: { kind: 'time-decay', halfLife: 'P7D' },
      exclusions: [{ channel: 'system_email', mode: 'unless-only' }],
      multipliers: [{ beneficiary: 'partner', factor: 1.5 }],
      lookback: { default: 'P14D', byKind: { view: 'PT36H' }, byChannel: { tv: 'P1D' } },
      minimumAge: 'PT10M',
      perPartnerShare: 0.8,
    });
    expect(texts(before, after)).toEqual([
      'The model: last → time-decay (the weight halves every 7 days).',
      'New: touchpoints through the channel system_email get no credit where another touchpoint can have it.',
      'New: touchpoints of partners count 1.5 times.',
      'The lookback of touchpoints through the channel tv: none of its own → 1 day.',
      'The lookback of views: none of its own → 1 day, 12 hours.',
      'The lookback: 30 days → 14 days.',
      'The minimum age: none → 10 minutes.',
      'The most that one partner gets: no limit → 80 %.',
    ]);
    expect(policyDiff(after, after)).toEqual([]);
    expect(texts(after, before)).toContain('No longer: touchpoints of partners count 1.5 times.');
  });

  it('says whose touchpoints a rule speaks of, a partner by name with the id beside it', () => {
    const after = aPolicy({
      exclusions: [
        { partnerId: 'prt_1', kind: 'click', mode: 'always' },
        { partnerId: 'prt_2', channel: 'video', mode: 'always' },
        { kind: 'code', mode: 'unless-only' },
      ],
      multipliers: [
        { partnerType: 'creator', channel: 'video', kind: 'view', market: 'DE', factor: 0 },
        { beneficiary: 'partner', partnerType: 'agency', factor: 1 },
        { beneficiary: 'channel', factor: 0.000_000_001 },
        { factor: 1_000 },
      ],
    });
    expect(texts(aPolicy({}), after, new Map([['prt_1', 'Anna Films']]))).toEqual([
      'New: clicks of the partner Anna Films (prt_1) never get credit.',
      'New: touchpoints of the partner prt_2 through the channel video never get credit.',
      'New: all codes get no credit where another touchpoint can have it.',
      'New: views of partners of the type creator through the channel video in the market DE do not count.',
      'New: touchpoints of partners of the type agency count 1 time.',
      'New: touchpoints of own channels count 0.000000001 times.',
      'New: all touchpoints count 1000 times.',
    ]);
    expect(partnersNamed(after.exclusions, after.multipliers)).toEqual(['prt_1', 'prt_2']);
  });

  it('says what transforms and models do', () => {
    const before = aPolicy({
      model: { kind: 'weights', weights: { tv: 0.000_000_5, blog: 2 } },
      transforms: ['collapse-repeats', { keepLast: 3 }],
    });
    const after = aPolicy({
      model: { kind: 'position', first: 0.000_000_01, last: 0.4 },
      transforms: ['distinct-first', { keepLast: 1 }],
      conversionTypes: ['signup', 'purchase'],
    });
    expect(texts(before, after)).toEqual([
      'The model: weights (blog 2, tv 0.0000005) → position (first 0.000001 %, last 40 %).',
      'Conversion types: every type → purchase, signup.',
      'Which touchpoints count: of repeats in a row the last, then the last 3 → of each partner and channel the first, then the last one.',
    ]);
    expect(texts(before, { ...before, transforms: [] })).toEqual([
      'Which touchpoints count: of repeats in a row the last, then the last 3 → all.',
    ]);
  });

  it('says to programs where each change stands, and what stood there', () => {
    const before = aPolicy({ model: { kind: 'last' }, lookback: { byKind: { view: 'P1D' } } });
    const after = aPolicy({ exclusions: [{ channel: 'system_email', mode: 'always' }], perPartnerShare: 0.5 });
    expect(policyDiff(before, after)).toMatchObject([
      { path: 'model', before: { kind: 'last' }, after: { kind: 'linear' } },
      { path: 'exclusions', before: null, after: { channel: 'system_email', mode: 'always' } },
      { path: 'lookback.byKind.view', before: 'P1D', after: null },
      { path: 'perPartnerShare', before: null, after: 0.5 },
    ]);
    expect(policyDiff(after, before)).toContainEqual(
      expect.objectContaining({ path: 'lookback.byKind.view', before: null, after: 'P1D' }),
    );
  });

  it('takes a channel that is called like a part of every object for what it is', () => {
    const after = aPolicy({ lookback: { byChannel: { constructor: 'P1D' } } });
    expect(policyDiff(aPolicy({}), after)).toMatchObject([
      { path: 'lookback.byChannel.constructor', before: null, after: 'P1D' },
    ]);
  });

  it('does not see the order of rules, and no other way to write the same time', () => {
    const [a, b] = [
      { channel: 'video', factor: 2 },
      { channel: 'blog', factor: 3 },
    ];
    expect(policyDiff(aPolicy({ multipliers: [a, b] }), aPolicy({ multipliers: [b, a] }))).toEqual([]);
    const weeks = aPolicy({ lookback: { default: 'P1W' }, minimumAge: 'PT60M' });
    const days = aPolicy({ lookback: { default: 'P7D' }, minimumAge: 'PT1H' });
    expect(policyDiff(weeks, days)).toEqual([]);
    const halving = (halfLife: string) => ({ model: { kind: 'time-decay' as const, halfLife } });
    const day = aPolicy({ lookback: { default: 'P1D', byKind: { view: 'P1DT12H' } }, ...halving('P7D') });
    const hours = aPolicy({ lookback: { default: 'PT24H', byKind: { view: 'PT36H' } }, ...halving('PT168H') });
    expect(policyDiff(day, hours)).toEqual([]);
  });

  it('tells times in days of 24 hours and what is beyond', () => {
    const texts = (to: string) =>
      policyDiff(aPolicy({ lookback: { default: 'P1D' } }), aPolicy({ lookback: { default: to } })).map(
        ({ text }) => text,
      );
    expect(texts('PT36H')).toEqual(['The lookback: 1 day → 1 day, 12 hours.']);
    expect(texts('PT0S')).toEqual(['The lookback: 1 day → 0 seconds.']);
  });

  it('sees how often a multiplier stands, because it counts as often', () => {
    const [a, b] = [
      { channel: 'a', factor: 2 },
      { channel: 'b', factor: 2 },
    ];
    const [once, twice] = [aPolicy({ multipliers: [a, b] }), aPolicy({ multipliers: [a, b, a] })];
    expect(policyDiff(twice, once)).toEqual([
      {
        path: 'multipliers',
        before: a,
        after: null,
        text: 'No longer, the 2nd time: touchpoints through the channel a count 2 times.',
      },
    ]);
    const rule = 'touchpoints through the channel a count 2 times.';
    expect(texts(once, aPolicy({ multipliers: [a, a, a, b] }))).toEqual([
      `New, the 2nd time: ${rule}`,
      `New, the 3rd time: ${rule}`,
    ]);
    expect(texts(aPolicy({ multipliers: [b] }), twice)).toEqual([`New: ${rule}`, `New, the 2nd time: ${rule}`]);
  });

  it('does not see how often an exclusion stands, because twice excludes no more than once', () => {
    const a = { channel: 'a', mode: 'always' };
    expect(policyDiff(aPolicy({ exclusions: [a, a] }), aPolicy({ exclusions: [a] }))).toEqual([]);
  });
});
