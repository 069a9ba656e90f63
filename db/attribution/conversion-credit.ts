import type { ConversionFact } from '../queries/conversion-facts.ts';
import type { StoredCredit } from '../queries/credit.ts';
import type { TouchpointFact } from '../queries/journey-facts.ts';
import type { PolicyInForce } from '../queries/policy-period.ts';
import { creditConversion } from '../../domain/attribution/credit.ts';
import type { CreditResult, WeighedStep } from '../../domain/attribution/credit.ts';
import type { Policy } from '../../domain/attribution/policy.ts';
import { inheritShares, splitValue } from '../../domain/attribution/split.ts';
import type { Credit } from '../../domain/attribution/split.ts';
import type { Touchpoint } from '../../domain/attribution/touchpoint.ts';
import { beneficiaryOf } from '../../domain/attribution/touchpoint.ts';
import { compareInstants } from '../../domain/time/instant.ts';
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
    return { credits: splitValue(remainingMinor, []), touchpoints: [], ageFault: null, isInherited: false };
  const result = creditConversion(
    { occurredAt: conversion.occurredAt, remainingMinor },
    touchpoints.map((touchpoint) => toTouchpoint(touchpoint, history)),
    policy,
    (partnerId) => history.contractAt(partnerId, conversion.occurredAt)?.terms.lookback ?? null,
  );
  const credits = inheritedOf(facts);
  if (credits === null) return { ...result, isInherited: false };
  return { credits, touchpoints: result.touchpoints.map(withoutWeight), ageFault: null, isInherited: true };
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
  return { id, weight: 0, factor: 1, reason: reason === null || reason === 'zero-weight' ? 'inherited' : reason };
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
  { credits, touchpoints }: ComputedCredit,
  generation: number,
  rule: Pick<PolicyInForce, 'policyId' | 'evaluationId'> | null,
): StoredCredit[] {
  const weighed = new Set(touchpoints.filter(({ weight }) => weight > 0).map(({ id }) => id));
  const earning = facts.touchpoints
    .filter(({ id }) => weighed.has(id))
    .sort((a, b) => compareInstants(b.occurredAt, a.occurredAt));
  const ofJourney = (credit: Credit) => {
    const source = earning.find(
      (touchpoint) => touchpoint.channel === credit.channel && beneficiaryOf(touchpoint).id === credit.beneficiary.id,
    );
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

/** Whether a new generation says something else than the one in force. */
export function isSameCredit(before: readonly StoredCredit[], after: readonly StoredCredit[]): boolean {
  return before.length === after.length && textOf(before) === textOf(after);
}

function textOf(credits: readonly StoredCredit[]): string {
  return credits
    .map(({ beneficiary, channel, shareE12, minor, policyId, evaluationId }) =>
      [beneficiary.kind, beneficiary.id, channel, shareE12, minor, policyId, evaluationId].join('|'),
    )
    .sort()
    .join('\n');
}
