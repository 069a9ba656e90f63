import type { CommissionPlan } from '../commission/plan.ts';
import type { Money } from '../money/money.ts';

/** How windows of a contract are cut, locked and paid (settlement.md §2). Durations are ISO 8601. */
export interface Calendar {
  /** `monthly`, `semi-monthly`, `weekly`, `biweekly`, or an ISO duration. */
  period: string;
  lockAfter: string;
  payAfter: string;
}

export const TOUCHPOINT_KINDS = ['click', 'view', 'code', 'visit', 'event'] as const;
export type TouchpointKind = (typeof TOUCHPOINT_KINDS)[number];

/** Lookbacks of a contract: by kind beats everything, `default` holds for the kinds it does not name. */
export interface TermsLookback {
  default?: string;
  byKind?: Partial<Record<TouchpointKind, string>>;
}

/** Everything a signed contract says about money and credit. Amounts are in `currency`. */
export interface Terms {
  plan: CommissionPlan;
  calendar: Calendar;
  currency: string;
  lookback: TermsLookback;
  /** Channels through which this partner may earn; empty: any. */
  channels: string[];
  /** How long a commission waits after `occurredAt` before it can be paid. */
  hold: string;
  /** Gross amount below which a balance is carried. */
  minimumPayout: Money;
  /** How long after the contract's end conversions still earn; null: not at all. */
  tail: string | null;
  /**
   * How long the contract runs from its start, counted by days of the partner's zone to the end of the last one, or exactly where it has
   * a time part (`expiry.ts`). Absent: it does not expire. A duration, because it means the same in a template, a counter-proposal and
   * an amendment: one that makes it longer moves the end, and the start stays.
   */
  expires?: string;
}

/** A part of the terms, as a counter-proposal, an amendment or a template gives it (api.md §3). */
export type TermsChanges = Partial<Omit<Terms, 'tail' | 'expires'>> & {
  tail?: string;
  /** Null takes the term out: the contract runs on. */
  expires?: string | null;
};

/** Terms where a template is silent: monthly, locked after 27 days, paid 20 days later, no hold, no minimum, no tail, no end. */
export function defaultTerms(currency: string, calendar?: Calendar): Terms {
  return {
    plan: { rules: [] },
    calendar: calendar ?? { period: 'monthly', lockAfter: 'P27D', payAfter: 'P20D' },
    currency,
    lookback: {},
    channels: [],
    hold: 'PT0S',
    minimumPayout: { minor: 0, currency },
    tail: null,
  };
}

/**
 * Terms after changes: each field that the changes name replaces the whole field, `lookback.byKind` kind by kind.
 * The result may be inconsistent (a new currency with old amounts): pass it to `readTerms` of `terms-document.ts`.
 */
export function mergeTerms(terms: Terms, changes: TermsChanges): Terms {
  const { expires = terms.expires, ...others } = withoutAbsent(changes);
  const { expires: _, ...kept } = terms;
  const merged: Terms = { ...kept, ...others, ...(expires != null && { expires }) };
  if (changes.lookback) {
    merged.lookback = { ...terms.lookback, ...changes.lookback };
    const byKind = { ...terms.lookback.byKind, ...changes.lookback.byKind };
    if (Object.keys(byKind).length > 0) merged.lookback.byKind = byKind;
  }
  // A minimum of zero has no currency of its own.
  if (changes.currency && !changes.minimumPayout && terms.minimumPayout.minor === 0) {
    merged.minimumPayout = { minor: 0, currency: changes.currency };
  }
  return merged;
}

function withoutAbsent(changes: TermsChanges): TermsChanges {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
