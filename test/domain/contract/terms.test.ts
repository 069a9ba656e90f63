import { describe, expect, it } from '@jest/globals';
import { assertTerms, termsChangesFaults } from '../../../domain/contract/terms-document.ts';
import { defaultTerms, mergeTerms } from '../../../domain/contract/terms.ts';

const percent = (basisPoints: number) => ({ rules: [{ kind: 'percentage' as const, basisPoints }] });
const paths = (changes: unknown, checks = {}) => termsChangesFaults(changes, 'changes', checks).map(({ path }) => path);

describe('terms of a contract', () => {
  it('replaces what the changes name and keeps the rest', () => {
    const terms = mergeTerms(defaultTerms('EUR'), { plan: percent(1_000), lookback: { byKind: { view: 'P1D' } } });
    const changed = mergeTerms(terms, {
      plan: percent(1_200),
      lookback: { byKind: { click: 'P7D' } },
      hold: undefined,
    });
    expect(changed.plan).toEqual(percent(1_200));
    expect(changed.lookback).toEqual({ byKind: { view: 'P1D', click: 'P7D' } });
    expect(changed.hold).toBe('PT0S');
    expect(assertTerms(changed)).toBe(changed);
  });

  it('takes every field that api.md names', () => {
    const money = { minor: 1_000, currency: 'EUR' };
    const when = {
      types: ['purchase'],
      products: ['a'],
      verticals: ['games'],
      countries: ['DE'],
      channels: ['video'],
      newCustomer: true,
      reportedAtLeast: money,
      from: '2026-01-01T00:00:00Z',
      until: '2026-12-31T00:00:00Z',
      monthsSinceParentBelow: 12,
    };
    const rules = [
      { kind: 'percentage', basisPoints: 1_000, when },
      { kind: 'flat', amount: money },
      { kind: 'bonus', amount: money },
      {
        kind: 'tiered',
        tiers: [
          { above: { minor: 0, currency: 'EUR' }, basisPoints: 1_000 },
          { above: money, basisPoints: 1_500 },
        ],
      },
    ];
    const changes = {
      plan: { rules, windowCap: money },
      calendar: { period: 'weekly', lockAfter: 'P7D', payAfter: 'P3D' },
      currency: 'EUR',
      lookback: { default: 'P30D', byKind: { view: 'P1D' } },
      channels: ['video'],
      hold: 'P60D',
      minimumPayout: money,
      tail: 'P30D',
      expires: 'P1Y6M',
    };
    expect(paths(changes)).toEqual([]);
  });

  it.each([
    [{ plan: percent(10_001) }, ['changes.plan.rules.0.basisPoints']],
    [{ plan: percent(2.5) }, ['changes.plan.rules.0.basisPoints']],
    [
      { plan: { rules: [{ kind: 'percentage', basisPoints: 1, when: { channels: ['video', 'Video ads'] } }] } },
      ['changes.plan.rules.0.when.channels.1'],
    ],
    [{ plan: { rules: [{ kind: 'gift' }] } }, ['changes.plan.rules.0.kind']],
    [
      { plan: { rules: [{ kind: 'flat', amount: { minor: 1, currency: 'USD' } }] } },
      ['changes.plan.rules.0.amount.currency'],
    ],
    [
      { plan: { rules: [{ kind: 'flat', amount: { minor: 1, currency: 'EUR' }, rate: 1 }] } },
      ['changes.plan.rules.0.rate'],
    ],
    [
      {
        plan: {
          rules: [
            {
              kind: 'tiered',
              tiers: [
                { above: { minor: 5, currency: 'EUR' }, basisPoints: 1 },
                { above: { minor: 5, currency: 'EUR' }, basisPoints: 2 },
              ],
            },
          ],
        },
      },
      ['changes.plan.rules.0.tiers.1.above'],
    ],
    [
      { calendar: { period: 'daily', lockAfter: 'P1D', payAfter: 'x' } },
      ['changes.calendar.period', 'changes.calendar.payAfter'],
    ],
    [{ calendar: { period: 'monthly', lockAfter: 'PT5M', payAfter: 'P20D' } }, ['changes.calendar.lockAfter']],
    [{ calendar: { period: 'PT60S', lockAfter: 'P1M', payAfter: 'PT5S' } }, ['changes.calendar.lockAfter']],
    [{ calendar: { period: 'P1M2D', lockAfter: 'P1D', payAfter: 'P1D' } }, ['changes.calendar.period']],
    [{ currency: 'XXX' }, ['changes.currency']],
    [{ channels: ['Video'] }, ['changes.channels.0']],
    [{ channels: ['video', '-video', 'a'.repeat(65)] }, ['changes.channels.1', 'changes.channels.2']],
    // The channel of a partner's own type, and one of a link.
    [{ channels: ['micro-influencer', '_paid'] }, []],
    [{ hold: 'P1M' }, ['changes.hold']],
    [{ expires: 'P0D' }, ['changes.expires']],
    [{ expires: 'P1MT5H' }, ['changes.expires']],
    [{ expires: '2027-01-01T00:00:00Z' }, ['changes.expires']],
    [{ expires: 365 }, ['changes.expires']],
    [{ discount: 1 }, ['changes.discount']],
    [[], ['changes']],
  ])('names each fault of %j', (changes, expected) => {
    expect(paths(changes, { currency: 'EUR' })).toEqual(expected);
  });

  it('run on without a term, get one, keep it, and lose it by null', () => {
    const endless = mergeTerms(defaultTerms('EUR'), { plan: percent(1_000) });
    const yearly = mergeTerms(endless, { expires: 'P1Y' });
    expect(assertTerms(endless)).not.toHaveProperty('expires');
    expect(assertTerms(yearly)).toMatchObject({ expires: 'P1Y' });
    expect(mergeTerms(yearly, { hold: 'P7D' })).toMatchObject({ expires: 'P1Y', hold: 'P7D' });
    expect(paths({ expires: null })).toEqual([]);
    expect(mergeTerms(yearly, { expires: null })).toEqual(endless);
  });

  it('does not stand with amounts of another currency, or without a rule', () => {
    const terms = mergeTerms(defaultTerms('EUR'), {
      plan: { rules: [{ kind: 'flat', amount: { minor: 5, currency: 'EUR' } }] },
    });
    expect(() => assertTerms(mergeTerms(terms, { currency: 'JPY' }))).toThrow(/JPY/);
    expect(() => assertTerms(defaultTerms('EUR'))).toThrow(/at least one rule/);
  });
});
