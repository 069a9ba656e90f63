import { roundHalfAwayFromZero } from '../money/rounding.ts';

export type VatMode = 'none' | 'add' | 'included' | 'reverse-charge';

/** Amounts of a document in smallest units; `gross = net + vat`, all negative on a credit note. */
export interface VatAmounts {
  netMinor: number;
  vatMinor: number;
  grossMinor: number;
}

/**
 * VAT of a self-billed document, on its total and rounded once (settlement.md §5): `add` puts it on top (100 → 120 at 20 %),
 * `included` takes it out (100 → 83.33 + 16.67, VAT = gross − net); `none` and `reverse-charge` show none.
 * @param minor sum of the document's lines, smallest units, any sign
 * @param rateBps basis points: 2000 is 20 %
 */
export function vatOf(mode: VatMode, rateBps: number, minor: number): VatAmounts {
  if (mode === 'add') {
    const vatMinor = roundHalfAwayFromZero({ num: BigInt(minor) * BigInt(rateBps), den: 10_000n });
    return { netMinor: minor, vatMinor, grossMinor: minor + vatMinor };
  }
  if (mode === 'included') {
    const netMinor = roundHalfAwayFromZero({ num: BigInt(minor) * 10_000n, den: 10_000n + BigInt(rateBps) });
    return { netMinor, vatMinor: minor - netMinor, grossMinor: minor };
  }
  return { netMinor: minor, vatMinor: 0, grossMinor: minor };
}
