import type { CommissionPlan } from '../../domain/commission/plan.ts';
import { defaultTerms } from '../../domain/contract/terms.ts';
import type { Terms } from '../../domain/contract/terms.ts';
import type { Dice } from '../support/dice.ts';

const eur = (minor: number) => ({ minor, currency: 'EUR' });
const WEEKLY = { period: 'weekly', lockAfter: 'P3D', payAfter: 'P2D' };
const MONTHLY = { period: 'monthly', lockAfter: 'P5D', payAfter: 'P10D' };
const BIWEEKLY = { period: 'biweekly', lockAfter: 'P2D', payAfter: 'P2D' };
const percent = (basisPoints: number): CommissionPlan => ({ rules: [{ kind: 'percentage', basisPoints }] });

/** The partners of a world: types, zones, currencies, calendars, and every kind of rule, cap, hold and tail. */
export const PLANS: readonly { type: string; zone: string; terms: Terms }[] = [
  { type: 'creator', zone: 'UTC', terms: { ...defaultTerms('EUR', WEEKLY), plan: percent(1_000) } },
  {
    type: 'agency',
    zone: 'Europe/Berlin',
    terms: { ...defaultTerms('EUR', WEEKLY), plan: { ...tiered('EUR'), windowCap: eur(2_500) } },
  },
  { type: 'creator', zone: 'UTC', terms: { ...defaultTerms('USD', MONTHLY), plan: percent(1_250) } },
  {
    type: 'coupon',
    zone: 'Asia/Tokyo',
    terms: {
      ...defaultTerms('EUR', BIWEEKLY),
      plan: {
        rules: [
          { kind: 'flat', amount: eur(777), when: { monthsSinceParentBelow: 1 } },
          { kind: 'bonus', amount: eur(333) },
        ],
        conversionCap: eur(900),
      },
      lookback: { default: 'P20D', byKind: { view: 'P5D' } },
      hold: 'P3D',
    },
  },
  {
    type: 'strategic',
    zone: 'UTC',
    terms: {
      ...defaultTerms('EUR', WEEKLY),
      plan: { ...percent(2_000), windowCap: eur(3_000) },
      tail: 'P20D',
      minimumPayout: eur(500),
    },
  },
];

function tiered(currency: string): CommissionPlan {
  const money = (minor: number) => ({ minor, currency });
  return {
    rules: [
      {
        kind: 'tiered',
        tiers: [
          { above: money(0), basisPoints: 500 },
          { above: money(10_000), basisPoints: 1_000 },
        ],
      },
    ],
  };
}

const money = (minor: number, { currency }: Terms) => ({ minor, currency });

/** What an amendment, or a partner's next contract, makes of terms. */
export const CHANGES: Readonly<Record<string, (terms: Terms) => Terms>> = {
  rate: (terms) => ({ ...terms, plan: { ...terms.plan, ...percent(1_500) } }),
  tiers: (terms) => ({ ...terms, plan: { ...terms.plan, ...tiered(terms.currency) } }),
  'window-cap': (terms) => ({ ...terms, plan: { ...terms.plan, windowCap: money(1_500, terms) } }),
  'no-caps': (terms) => ({ ...terms, plan: { rules: terms.plan.rules } }),
  'conversion-cap': (terms) => ({ ...terms, plan: { ...terms.plan, conversionCap: money(400, terms) } }),
  'wide-lookback': (terms) => ({ ...terms, lookback: { default: 'P60D' } }),
  'short-lookback': (terms) => ({ ...terms, lookback: { default: 'P1D', byKind: { view: 'P10D' } } }),
  channels: (terms) => ({ ...terms, channels: ['video'] }),
  calendar: (terms) => ({ ...terms, calendar: { period: 'biweekly', lockAfter: 'P1D', payAfter: 'P1D' } }),
  hold: (terms) => ({ ...terms, hold: 'P9D' }),
  tail: (terms) => ({ ...terms, tail: 'P10D' }),
  currency: (terms) => {
    const currency = terms.currency === 'EUR' ? 'USD' : 'EUR';
    return {
      ...terms,
      currency,
      plan: { ...percent(1_100), windowCap: { minor: 4_000, currency } },
      minimumPayout: { minor: 0, currency },
    };
  },
};

export function drawChange(dice: Dice): string {
  return dice.one(Object.keys(CHANGES));
}
