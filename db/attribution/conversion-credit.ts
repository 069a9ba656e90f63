import type { ConversionFact } from '../queries/conversion-facts.ts';
import type { StoredCredit } from '../queries/credit.ts';
import type { TouchpointFact } from '../queries/journey-facts.ts';
import type { PolicyInForce } from '../queries/policy-period.ts';
import { creditConversion } from '../../domain/attribution/credit.ts';
import type { CreditResult, WeighedStep } from '../../domain/attribution/credit.ts';
import { NOT_MULTIPLIED } from '../../domain/attribution/multipliers.ts';
import type { Policy } from '../../domain/attribution/policy.ts';
import { inheritShares, splitValue } from '../../domain/attribution/split.ts';
import type { Credit } from '../../domain/attribution/split.ts';
import type { Touchpoint } from '../../domain/attribution/touchpoint.ts';
import { creditKey } from '../../domain/attribution/touchpoint.ts';
import type { PartnerHistory } from './partner-history.ts';

/** Everything that the credit of one conversion is a function of. */
export interface CreditFacts {
  conversion: ConversionFact;
  remainingMinor: number;
  touchpoints: readonly TouchpointFact[];
  /** Null when no policy speaks of its type: nobody earns it. */
  policy: Policy | null;
  /** The credits of its parent, where it has one that is credited. */
  parentCredits: readonly InheritedShare[] | null;
  history: PartnerHistory;
}

/** What a conversion inherits of its parent's credit. */
export type InheritedShare = Pick<StoredCredit, 'beneficiary' | 'channel' | 'shareE12'> &
  Partial<Pick<StoredCredit, 'contentId' | 'subId'>>;

export interface ComputedCredit {
  credits: Credit[];
  touchpoints: CreditResult['touchpoints'];
  lastTouches: CreditResult['lastTouches'];
  ageFault: CreditResult['ageFault'];
  /** The shares are those of the parent: no touchpoint of its own has weight, and none is too young or too old. */
  isInherited: boolean;
}

/**
 * Credits one conversion from its facts. The feed, studies, explanations and the audit all call this and nothing else; for a journey that is
 * too long for it, `computeLongCredit`.
 */
export function computeCredit(facts: CreditFacts): ComputedCredit {
  const { conversion, remainingMinor, touchpoints, policy, history } = facts;
  if (policy === null)
    return {
      credits: splitValue(remainingMinor, []),
      touchpoints: [],
      lastTouches: new Map(),
      ageFault: null,
      isInherited: false,
    };
  const result = creditConversion(
    { occurredAt: conversion.occurredAt, remainingMinor },
    touchpoints.map((touchpoint) => toTouchpoint(touchpoint, history)),
    policy,
    (partnerId) => history.contractAt(partnerId, conversion.occurredAt)?.terms.lookback ?? null,
  );
  const credits = inheritedOf(facts);
  if (credits === null) return { ...result, isInherited: false };
  const seen = result.touchpoints.map(withoutWeight);
  return { credits, touchpoints: seen, lastTouches: new Map(), ageFault: null, isInherited: true };
}

/**
 * The credits of a conversion that inherits its parent's shares, with content and sub-id of the parent's credits; null when it has no parent
 * that is credited, or no policy speaks of it.
 */
export function inheritedOf(facts: CreditFacts): (Credit & NamedCredit)[] | null {
  const { conversion, remainingMinor, policy, parentCredits, history } = facts;
  if (policy === null || parentCredits === null || parentCredits.length === 0) return null;
  const shares = parentCredits.map(({ beneficiary, channel, shareE12 }) => ({
    beneficiary,
    channel,
    shareE12,
    firstTouchAt: null,
  }));
  const isInForce = (partnerId: string) => history.contractAt(partnerId, conversion.occurredAt) !== null;
  return inheritShares(remainingMinor, shares, isInForce).map((credit) => {
    const source = parentCredits.find(
      ({ beneficiary, channel }) => channel === credit.channel && beneficiary.id === credit.beneficiary.id,
    );
    return { ...credit, contentId: source?.contentId ?? null, subId: source?.subId ?? null };
  });
}

/** A touchpoint of a conversion that inherits its shares: it decides nothing, and where nothing else says why, that does. */
export function withoutWeight({ id, reason }: WeighedStep): WeighedStep {
  return {
    id,
    weight: 0,
    ...NOT_MULTIPLIED,
    reason: reason === null || reason === 'zero-weight' ? 'inherited' : reason,
  };
}

/** A touchpoint with what its partner was when it happened. */
export function toTouchpoint(fact: TouchpointFact, history: PartnerHistory): Touchpoint {
  const profile = fact.partnerId === null ? null : history.profileAt(fact.partnerId, fact.occurredAt);
  const { id, occurredAt, receivedAt, kind, channel, partnerId, isVoided } = fact;
  return {
    id,
    occurredAt,
    receivedAt,
    kind,
    channel,
    partnerId,
    isVoided,
    partnerType: profile?.type ?? null,
    market: profile?.marketCode ?? null,
  };
}

/** A credit with the content and sub-id of the last touchpoint that earned it; of a renewal, those of its parent's credit. */
export type NamedCredit = Pick<StoredCredit, 'beneficiary' | 'channel' | 'shareE12' | 'minor' | 'contentId' | 'subId'>;

/** The credits as rows of a new generation, each with its content and sub-id. */
export function toStoredCredits(
  facts: CreditFacts,
  { credits, lastTouches }: Pick<ComputedCredit, 'credits' | 'lastTouches'>,
  generation: number,
  rule: Pick<PolicyInForce, 'policyId' | 'evaluationId'> | null,
): StoredCredit[] {
  const ofJourney = (credit: Credit) => {
    const lastId = lastTouches.get(creditKey(credit.beneficiary, credit.channel));
    const source = facts.touchpoints.find(({ id }) => id === lastId);
    return { ...credit, contentId: source?.contentId ?? null, subId: source?.subId ?? null };
  };
  const named = inheritedOf(facts) ?? credits.map(ofJourney);
  return storedCredits(facts.conversion, named, generation, rule);
}

/** The same for credits whose content and sub-id are known. */
export function storedCredits(
  { id, occurredAt, currency }: ConversionFact,
  credits: readonly NamedCredit[],
  generation: number,
  rule: Pick<PolicyInForce, 'policyId' | 'evaluationId'> | null,
): StoredCredit[] {
  return credits.map(({ beneficiary, channel, shareE12, minor, contentId, subId }) => ({
    conversionId: id,
    conversionAt: occurredAt,
    generation,
    beneficiary,
    channel,
    shareE12,
    minor,
    currency,
    policyId: rule?.policyId ?? null,
    evaluationId: rule?.evaluationId ?? null,
    contentId,
    subId,
  }));
}

/** Whether the generation in force says what a new one would: shares, money and rule, and the content and sub-id of each credit. */
export function isSameCredit(before: readonly StoredCredit[], after: readonly StoredCredit[]): boolean {
  const named = (credit: StoredCredit) => [...decidedOf(credit), credit.contentId, credit.subId];
  return textOf(before, named) === textOf(after, named);
}

/**
 * The same without content and sub-id, for those who check the books: neither decides money, and credits that were stored before these were
 * kept in step name an older touchpoint until the feed looks at them again (docs/decisions/0022).
 */
export function isSameShare(before: readonly StoredCredit[], after: readonly StoredCredit[]): boolean {
  return textOf(before, decidedOf) === textOf(after, decidedOf);
}

type Cell = string | number | null;

function decidedOf({ beneficiary, channel, shareE12, minor, policyId, evaluationId }: StoredCredit): Cell[] {
  return [beneficiary.kind, beneficiary.id, channel, shareE12, minor, policyId, evaluationId];
}

function textOf(credits: readonly StoredCredit[], cellsOf: (credit: StoredCredit) => Cell[]): string {
  return credits
    .map((credit) => JSON.stringify(cellsOf(credit)))
    .sort()
    .join('\n');
}
