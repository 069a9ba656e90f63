import { compareText } from '../attribution/journey.ts';
import { plus, whole } from '../money/rounding.ts';
import type { Rational } from '../money/rounding.ts';
import { epochMicros } from '../time/instant.ts';
import { creditCommission } from './calculate.ts';
import type { CommissionedCredit, CommissionFacts, CommissionPart } from './calculate.ts';

/** One conversion of a partner in its window of origin: facts, the partner's credits net of refunds, and the terms of its day. */
export interface WindowConversion extends CommissionFacts {
  externalId: string;
  credits: readonly CommissionedCredit[];
}

/** What one conversion earns the partner in its window of origin, in smallest units of the contract's currency. */
export interface ConversionCommission {
  externalId: string;
  minor: number;
  /** What the caps cut off; `minor + cutOffMinor` is what the rules gave. */
  cutOffMinor: number;
  parts: CommissionPart[];
}

/**
 * The commissions of one partner's window of origin: a pure function of its conversions, ordered by `occurredAt`, then
 * `externalId`. Tiers count volume on across contract versions; caps per conversion and per window come after the rules. A window in which
 * a contract ended and another began may hold two currencies: amounts of one are never added to the other's.
 */
export function windowCommissions(conversions: readonly WindowConversion[]): ConversionCommission[] {
  const sums = new Map<string, { volume: Rational; earned: number }>();
  return inOrder(conversions).map((conversion) => {
    const { currency } = conversion.terms;
    let { volume, earned } = sums.get(currency) ?? { volume: whole(0), earned: 0 };
    const parts: CommissionPart[] = [];
    for (const credit of byChannel(conversion.credits)) {
      const result = creditCommission(conversion, credit, volume);
      parts.push(...result.parts);
      volume = plus(volume, result.volume);
    }
    const ruled = parts.reduce((sum, { minor }) => sum + minor, 0);
    const minor = capped(ruled, conversion, earned);
    earned += minor;
    sums.set(currency, { volume, earned });
    return { externalId: conversion.externalId, minor, cutOffMinor: ruled - minor, parts };
  });
}

/**
 * Whether a conversion's commission depends on the others of its window: only then the whole window must be computed again
 * when one of them changes.
 */
export function dependsOnWindow({ plan }: CommissionFacts['terms']): boolean {
  return plan.windowCap !== undefined || plan.rules.some(({ kind }) => kind === 'tiered');
}

function capped(ruled: number, { terms }: WindowConversion, earned: number): number {
  const { conversionCap, windowCap } = terms.plan;
  const ofConversion = Math.min(ruled, conversionCap?.minor ?? ruled);
  return windowCap === undefined ? ofConversion : Math.min(ofConversion, Math.max(0, windowCap.minor - earned));
}

/** A partner's credits of one conversion count towards tiers in order of their channel, however they were read. */
function byChannel(credits: readonly CommissionedCredit[]): CommissionedCredit[] {
  return credits.toSorted((a, b) => compareText(a.channel, b.channel));
}

function inOrder(conversions: readonly WindowConversion[]): WindowConversion[] {
  return conversions
    .map((conversion) => ({ conversion, micros: epochMicros(conversion.conversion.occurredAt) }))
    .sort((a, b) => a.micros - b.micros || compareText(a.conversion.externalId, b.conversion.externalId))
    .map(({ conversion }) => conversion);
}
