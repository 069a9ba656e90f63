/** The scale of decimals in a policy: they are read to nine places, as whole numbers, and stay exact from there on. */
export const NANO = 1_000_000_000;

/** A decimal of a policy (weight, factor, part) in whole billionths: 1.5 → 1500000000. At most 10⁶, so a double holds it. */
export function nano(decimal: number): bigint {
  return BigInt(Math.round(decimal * NANO));
}
