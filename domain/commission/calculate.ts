import { SHARES } from '../attribution/shares.ts';
import type { Terms } from '../contract/terms.ts';
import { minorRate } from '../money/rate.ts';
import { roundHalfAwayFromZero, times, whole } from '../money/rounding.ts';
import type { Rational } from '../money/rounding.ts';
import { matchRules } from './condition.ts';
import type { MatchedRule, ReportedConversion } from './condition.ts';
import { marginalCommission } from './tiers.ts';

/** One credit of the partner, in the conversion's currency, net of refunds. */
export interface CommissionedCredit {
  channel: string;
  shareE12: number;
  minor: number;
}

/** The terms that commission depends on; the version in force when the conversion happened. */
export type CommissionTerms = Pick<Terms, 'plan' | 'currency' | 'channels'>;

/** Why a credit earns nothing. */
export type NoCommissionReason = 'no-rule' | 'channel-not-allowed' | 'refunded' | 'below-half-unit' | 'cap-reached';

/** What one rule made of one credit, in smallest units of the contract's currency. */
export interface CommissionPart {
  channel: string;
  /** Index into `plan.rules`, and what the rule was; null where none matched. */
  ruleIndex: number | null;
  ruleKind: 'percentage' | 'flat' | 'tiered' | 'bonus' | null;
  minor: number;
  reason: NoCommissionReason | null;
}

export interface CreditCommission {
  parts: CommissionPart[];
  /** The value that counted towards tiers, in smallest units of the contract's currency, exactly. */
  volume: Rational;
}

export interface CommissionFacts {
  conversion: ReportedConversion;
  /** Whether the whole value was given back: only then a flat amount or bonus falls. */
  isReturned: boolean;
  terms: CommissionTerms;
  /** Units of the contract's currency per unit of the conversion's, of the conversion's day; null when they are one. */
  rate: string | null;
}

/**
 * The commission of one credit: value × rate × basis points, rounded once, half away from zero; flat and bonus × share, each
 * rounded alone (settlement.md §1).
 * @param volume what the window's earlier conversions counted towards tiers
 */
export function creditCommission(
  facts: CommissionFacts,
  credit: CommissionedCredit,
  volume: Rational,
): CreditCommission {
  const { terms, conversion } = facts;
  if (terms.channels.length > 0 && !terms.channels.includes(credit.channel)) {
    return { parts: [nothing(credit, null, 'channel-not-allowed')], volume: whole(0) };
  }
  const { base, bonus } = matchRules(terms.plan, conversion, credit.channel);
  const value = creditedValue(facts, credit);
  const parts = [base ? part(facts, credit, base, value, volume) : nothing(credit, null, 'no-rule')];
  if (bonus) parts.push(part(facts, credit, bonus, value, volume));
  return { parts, volume: base?.rule.kind === 'tiered' ? value : whole(0) };
}

function creditedValue({ terms, conversion, rate }: CommissionFacts, credit: CommissionedCredit): Rational {
  const { num, den } = minorRate(conversion.reported.currency, terms.currency, rate);
  return times({ num, den }, BigInt(credit.minor));
}

function part(
  { isReturned }: CommissionFacts,
  credit: CommissionedCredit,
  matched: MatchedRule,
  value: Rational,
  volume: Rational,
): CommissionPart {
  if (isReturned) return nothing(credit, matched, 'refunded');
  const minor = roundHalfAwayFromZero(exactCommission(matched, credit, value, volume));
  return minor === 0 && value.num !== 0n
    ? nothing(credit, matched, 'below-half-unit')
    : { channel: credit.channel, ruleIndex: matched.index, ruleKind: matched.rule.kind, minor, reason: null };
}

function exactCommission(
  { rule }: MatchedRule,
  credit: CommissionedCredit,
  value: Rational,
  volume: Rational,
): Rational {
  switch (rule.kind) {
    case 'percentage':
      return times(value, BigInt(rule.basisPoints), 10_000n);
    case 'tiered':
      return marginalCommission(rule.tiers, volume, value);
    case 'flat':
    case 'bonus':
      return { num: BigInt(rule.amount.minor) * BigInt(credit.shareE12), den: BigInt(SHARES) };
  }
}

function nothing(credit: CommissionedCredit, matched: MatchedRule | null, reason: NoCommissionReason): CommissionPart {
  return {
    channel: credit.channel,
    ruleIndex: matched?.index ?? null,
    ruleKind: matched?.rule.kind ?? null,
    minor: 0,
    reason,
  };
}
