import type { WindowConversion } from '../../domain/commission/window.ts';
import type { CommissionPlan, CommissionRule } from '../../domain/commission/plan.ts';

export const percentage = (basisPoints: number, when?: CommissionRule['when']): CommissionRule => ({
  kind: 'percentage',
  basisPoints,
  when,
});

export const eur = (minor: number) => ({ minor, currency: 'EUR' });

/** A purchase of `minor` cents, wholly credited to the partner, under a plan of 10 %. */
export function aSale(
  minor: number,
  more: {
    plan?: CommissionPlan;
    externalId?: string;
    occurredAt?: string;
    remaining?: number;
    shareE12?: number;
    channels?: string[];
    channel?: string;
    rate?: string | null;
    contractCurrency?: string;
    currency?: string;
    conversion?: Partial<WindowConversion['conversion']>;
  } = {},
): WindowConversion {
  const currency = more.currency ?? 'EUR';
  const remaining = more.remaining ?? minor;
  return {
    externalId: more.externalId ?? 'order-1',
    conversion: {
      type: 'purchase',
      product: null,
      vertical: null,
      country: 'DE',
      newCustomer: false,
      reported: { minor, currency },
      occurredAt: more.occurredAt ?? '2026-01-10T12:00:00Z',
      monthsSinceParent: 0,
      ...more.conversion,
    },
    isReturned: minor > 0 && remaining === 0,
    terms: {
      plan: more.plan ?? { rules: [percentage(1_000)] },
      currency: more.contractCurrency ?? currency,
      channels: more.channels ?? [],
    },
    rate: more.rate ?? null,
    credits: [{ channel: more.channel ?? 'video', shareE12: more.shareE12 ?? 1_000_000_000_000, minor: remaining }],
  };
}
