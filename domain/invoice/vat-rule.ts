import type { VatMode } from './vat.ts';

/** What is known of the partner for tax, from payout details that a person verified. */
export interface TaxFacts {
  /** ISO 3166-1 alpha-2. */
  taxCountry: string;
  hasVatId: boolean;
  isSmallBusiness: boolean;
}

/**
 * VAT mode and rate of a partner's documents: the programme's table by tax country, and only with a verified VAT id;
 * never what the partner wishes (settlement.md §5). Without verified details no VAT is shown.
 */
export function vatRuleOf(
  table: Record<string, { mode: VatMode; rateBps: number }>,
  facts: TaxFacts | null,
): { mode: VatMode; rateBps: number } {
  const rule = facts && table[facts.taxCountry];
  if (!rule || facts.isSmallBusiness || !facts.hasVatId) return { mode: 'none', rateBps: 0 };
  return rule;
}
