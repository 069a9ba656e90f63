import type { ConversionFact, TouchpointFact } from '../queries/conversion-facts.ts';
import type { StoredCredit } from '../queries/credit.ts';
import type { PolicyInForce } from '../queries/policy-period.ts';
import { creditConversion } from '../../domain/attribution/credit.ts';
import type { CreditResult } from '../../domain/attribution/credit.ts';
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
export type InheritedShare = Pick<StoredCredit, 'beneficiary' | 'channel' | 'shareE12'>;

export interface ComputedCredit {
  credits: Credit[];
  touchpoints: CreditResult['touchpoints'];
  ageFault: CreditResult['ageFault'];
}

/** Credits one conversion from its facts. The feed, studies, explanations and the audit all call this and nothing else. */
export function computeCredit({
  conversion,
  remainingMinor,
  touchpoints,
  policy,
  parentCredits,
  history,
}: CreditFacts): ComputedCredit {
  const contractOf = (partnerId: string) => history.contractAt(partnerId, conversion.occurredAt);
  if (policy === null) return { credits: splitValue(remainingMinor, []), touchpoints: [], ageFault: null };
  const result = creditConversion(
    { occurredAt: conversion.occurredAt, remainingMinor },
    touchpoints.map((touchpoint) => toTouchpoint(touchpoint, history)),
    policy,
    (partnerId) => contractOf(partnerId)?.terms.lookback ?? null,
  );
  if (parentCredits === null || parentCredits.length === 0) return result;
  const shares = parentCredits.map(({ beneficiary, channel, shareE12 }) => ({
    beneficiary,
    channel,
    shareE12,
    firstTouchAt: null,
  }));
  return { ...result, credits: inheritShares(remainingMinor, shares, (partnerId) => contractOf(partnerId) !== null) };
}

function toTouchpoint(fact: TouchpointFact, history: PartnerHistory): Touchpoint {
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

/** The credits as rows of a new generation; content and sub-id are those of the last touchpoint that earned each of them. */
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
  return credits.map(({ beneficiary, channel, shareE12, minor }) => {
    const source = earning.find(
      (touchpoint) => touchpoint.channel === channel && beneficiaryOf(touchpoint).id === beneficiary.id,
    );
    return {
      conversionId: facts.conversion.id,
      conversionAt: facts.conversion.occurredAt,
      generation,
      beneficiary,
      channel,
      shareE12,
      minor,
      currency: facts.conversion.currency,
      policyId: rule?.policyId ?? null,
      evaluationId: rule?.evaluationId ?? null,
      contentId: source?.contentId ?? null,
      subId: source?.subId ?? null,
    };
  });
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
