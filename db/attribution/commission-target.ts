import type { CommissionRuleNote, Pair, PartnerCredit } from '../queries/commission.ts';
import type { ConversionFact } from '../queries/conversion-facts.ts';
import type { OriginWindow } from '../queries/origin-window.ts';
import type { ConversionCommission } from '../../domain/commission/window.ts';
import type { ContractVersion } from '../../domain/contract/in-force.ts';
import { wholeMonthsBetween } from '../../domain/time/months-between.ts';

/** What a partner should have earned with a conversion, by everything known before the horizon. */
export interface CommissionTarget extends Pair {
  conversion: ConversionFact;
  minor: number;
  cappedMinor: number;
  currency: string;
  contract: ContractVersion | null;
  policyId: string | null;
  origin: OriginWindow | null;
  rule: CommissionRuleNote;
  /** Why it is zero. */
  reason: string | null;
  rateKey: string | null;
  /** What it was computed from. */
  credits: readonly PartnerCredit[];
}

/** A pair with its conversion and the window that holds it. */
export interface OriginPair extends Pair {
  conversion: ConversionFact;
  origin: OriginWindow | null;
}

/** The rate of the conversion's day (UTC), by `base quote day`. */
export const rateKeyOf = ({ currency, occurredAt }: ConversionFact, quote: string) =>
  `${currency} ${quote} ${occurredAt.slice(0, 10)}`;

/** A pair with everything that its commission is computed from. */
export interface TargetPlan extends OriginPair {
  contract: ContractVersion | null;
  rateKey: string | null;
  rate: string | null;
  credits: PartnerCredit[];
}

/** Why nothing is computed at all. */
export function reasonBefore({ credits, contract, rateKey, rate }: TargetPlan): string | null {
  if (credits.length === 0) return 'no-credit';
  if (contract === null) return 'contract-not-in-force';
  return rateKey !== null && rate === null ? 'no-rate' : null;
}

/** What rules may look at of a conversion. */
export function reported(conversion: ConversionFact, parents: Map<string, string>) {
  const parentAt = conversion.parentExternalId === null ? undefined : parents.get(conversion.parentExternalId);
  return {
    type: conversion.type,
    product: conversion.product,
    vertical: conversion.vertical,
    country: conversion.country,
    newCustomer: conversion.newCustomer === true,
    reported: { minor: conversion.valueMinor, currency: conversion.currency },
    occurredAt: conversion.occurredAt,
    monthsSinceParent: parentAt === undefined ? 0 : wholeMonthsBetween(parentAt, conversion.occurredAt),
  };
}

/** The target of a pair; `result` is null where nothing could be computed. */
export function toTarget(
  plan: TargetPlan,
  result: ConversionCommission | null,
  remainingMinor: number,
): CommissionTarget {
  const { partnerId, conversionId, conversion, contract, credits, origin, rate, rateKey } = plan;
  const main = result?.parts.find(({ minor }) => minor !== 0) ?? result?.parts[0];
  const minor = result?.minor ?? 0;
  const cappedMinor = result?.cutOffMinor ?? 0;
  const reason =
    minor !== 0 ? null : (reasonBefore(plan) ?? (cappedMinor > 0 ? 'cap-reached' : (main?.reason ?? null)));
  return {
    partnerId,
    conversionId,
    conversion,
    minor,
    cappedMinor,
    currency: contract?.terms.currency ?? origin?.currency ?? conversion.currency,
    contract,
    policyId: credits[0]?.policyId ?? null,
    origin,
    reason,
    rateKey: rate === null ? null : rateKey,
    credits,
    rule: {
      index: main?.ruleIndex ?? null,
      kind: main?.ruleKind ?? null,
      parts: result?.parts ?? [],
      rate,
      remainingMinor,
      shareE12: credits.reduce((sum, { shareE12 }) => sum + shareE12, 0),
      creditedMinor: credits.reduce((sum, { minor: credited }) => sum + credited, 0),
    },
  };
}
