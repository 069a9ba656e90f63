import type { Money } from '../money/money.ts';
import { compareInstants } from '../time/instant.ts';
import type { CommissionPlan, CommissionRule, RuleCondition } from './plan.ts';

/** What rules may look at: the conversion as it was reported, never what refunds left of it. */
export interface ReportedConversion {
  type: string;
  product: string | null;
  vertical: string | null;
  country: string | null;
  newCustomer: boolean;
  reported: Money;
  occurredAt: string;
  /** Whole months since the parent conversion (renewals, instalments); 0 without a parent. */
  monthsSinceParent: number;
}

export interface MatchedRule {
  index: number;
  rule: CommissionRule;
}

/** The first rule in written order that matches and is no bonus, and the first bonus that does (settlement.md §1). */
export function matchRules(
  plan: CommissionPlan,
  conversion: ReportedConversion,
  channel: string,
): { base: MatchedRule | null; bonus: MatchedRule | null } {
  const matching = plan.rules
    .map((rule, index) => ({ rule, index }))
    .filter(({ rule }) => matchesCondition(rule.when ?? {}, conversion, channel));
  return {
    base: matching.find(({ rule }) => rule.kind !== 'bonus') ?? null,
    // A bonus is for a new customer, whatever else its conditions say.
    bonus: (conversion.newCustomer && matching.find(({ rule }) => rule.kind === 'bonus')) || null,
  };
}

/** Whether everything that a condition names holds. */
export function matchesCondition(when: RuleCondition, conversion: ReportedConversion, channel: string): boolean {
  return (
    isIn(when.types, conversion.type) &&
    isIn(when.products, conversion.product) &&
    isIn(when.verticals, conversion.vertical) &&
    isIn(when.countries, conversion.country) &&
    isIn(when.channels, channel) &&
    (when.newCustomer === undefined || when.newCustomer === conversion.newCustomer) &&
    isAtLeast(when.reportedAtLeast, conversion.reported) &&
    (when.from === undefined || compareInstants(when.from, conversion.occurredAt) <= 0) &&
    (when.until === undefined || compareInstants(conversion.occurredAt, when.until) < 0) &&
    (when.monthsSinceParentBelow === undefined || conversion.monthsSinceParent < when.monthsSinceParentBelow)
  );
}

function isIn(list: readonly string[] | undefined, value: string | null): boolean {
  return list === undefined || (value !== null && list.includes(value));
}

function isAtLeast(least: Money | undefined, reported: Money): boolean {
  return least === undefined || (least.currency === reported.currency && reported.minor >= least.minor);
}
