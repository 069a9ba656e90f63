import type { ConversionFact, RefundDecision, RefundFact } from '../queries/conversion-facts.ts';

/** What refunds leave of a conversion's value, and the decisions on those that nobody decided yet. */
export interface RefundOutcome {
  /** Smallest units of the conversion's currency, ≥ 0. */
  remainingMinor: number;
  decisions: RefundDecision[];
}

/**
 * Decides refunds in order of receipt (settlement.md §3): one above what remains is refused, and so is one of a sale that was wholly given
 * back; a refund without a value gives back whatever remains.
 * @param refunds of this conversion, in order of receipt
 */
export function decideRefunds(
  conversion: Pick<ConversionFact, 'id' | 'valueMinor' | 'currency'>,
  refunds: readonly RefundFact[],
): RefundOutcome {
  const applied = refunds
    .filter(({ state }) => state === 'applied')
    .reduce((sum, { decidedMinor }) => sum + (decidedMinor ?? 0), 0);
  let remainingMinor = conversion.valueMinor - applied;
  const decisions: RefundDecision[] = [];
  for (const refund of refunds) {
    if (refund.state !== null) continue;
    const valueMinor = refund.valueMinor ?? remainingMinor;
    const reason = refusalOf(refund, conversion.currency, valueMinor, remainingMinor);
    if (reason === null) remainingMinor -= valueMinor;
    decisions.push({
      refundId: refund.id,
      conversionId: conversion.id,
      state: reason === null ? 'applied' : 'refused',
      valueMinor,
      reason,
    });
  }
  return { remainingMinor, decisions };
}

function refusalOf(refund: RefundFact, currency: string, valueMinor: number, remainingMinor: number): string | null {
  if (refund.currency !== null && refund.currency !== currency) return 'wrong-currency';
  if (remainingMinor === 0) return 'nothing-remains';
  return valueMinor > remainingMinor ? 'above-what-remains' : null;
}
