import { allocate } from '../money/allocate.ts';

/** A whole conversion in shares. */
export const SHARES = 1_000_000_000_000;

/**
 * Turns weights into integer shares of 10⁻¹² that sum to exactly 10¹², by largest remainder; the list's order breaks ties.
 * @param weights whole numbers ≥ 0 on one scale, not all zero
 * @throws DomainError `invalid` for a negative weight or when all are zero
 */
export function sharesOf(weights: readonly bigint[]): number[] {
  return allocate(SHARES, weights);
}
