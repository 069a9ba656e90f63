import type { Money } from '../money/money.ts';

/** Conditions of a rule; all that are given must hold (settlement.md §1). Instants: `from` inclusive, `until` exclusive. */
export interface RuleCondition {
  types?: string[];
  products?: string[];
  verticals?: string[];
  countries?: string[];
  channels?: string[];
  newCustomer?: boolean;
  /** Looks at the value as reported, before refunds; in the conversion's currency, another currency never matches. */
  reportedAtLeast?: Money;
  from?: string;
  until?: string;
  /** Whole months since the parent conversion must be fewer than this; a conversion without a parent is at month 0. */
  monthsSinceParentBelow?: number;
}

/** Marginal: the part of the window's volume above `above` earns `basisPoints`, until the next tier begins. */
export interface CommissionTier {
  above: Money;
  basisPoints: number;
}

export type CommissionRule =
  | { kind: 'percentage'; basisPoints: number; when?: RuleCondition }
  | { kind: 'flat'; amount: Money; when?: RuleCondition }
  | { kind: 'tiered'; tiers: CommissionTier[]; when?: RuleCondition }
  | { kind: 'bonus'; amount: Money; when?: RuleCondition };

/** Rules in written order: the first that matches wins; a `bonus` comes on top of it. */
export interface CommissionPlan {
  rules: CommissionRule[];
  /** The most that one conversion may earn one partner, in the contract's currency. */
  conversionCap?: Money;
  /** The most that one window of origin may earn one partner, in the contract's currency. */
  windowCap?: Money;
}
