import { DomainError } from '../errors.ts';

/** A whole conversion in shares. */
export const SHARES = 1_000_000_000_000;
/**
 * Quotients are rounded to 1/1024 of a share before fractions are compared. Binary noise (about 10⁻⁴ of a share) then cannot decide
 * between fractions that are equal on paper, and the tie-break of attribution.md §4 does.
 */
const GRID = 1_024;

/**
 * Turns weights into integer shares of 10⁻¹² that sum to exactly 10¹², by largest remainder; the list's order breaks ties.
 * @param weights ≥ 0, not all zero, not normalised
 * @throws DomainError `invalid` for a negative weight or when all are zero
 */
export function sharesOf(weights: readonly number[]): number[] {
  if (weights.some((weight) => !(weight >= 0))) throw new DomainError('invalid', 'A weight must not be negative.');
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum === 0) throw new DomainError('invalid', 'Weights that are all zero have no shares.');

  const grid = weights.map((weight) => Math.round((weight / sum) * SHARES * GRID));
  const shares = grid.map((value) => Math.floor(value / GRID));
  const left = SHARES - shares.reduce((total, share) => total + share, 0);
  const order = weights.map((_, index) => index).sort((a, b) => (grid[b]! % GRID) - (grid[a]! % GRID) || a - b);
  // Rounding to the grid may lift a quotient onto the next whole share, so with thousands of parts a unit can be missing.
  const taker = left >= 0 ? order : order.toReversed().filter((index) => shares[index]! > 0);
  for (let unit = 0; unit < Math.abs(left); unit += 1) shares[taker[unit % taker.length]!]! += Math.sign(left);
  return shares;
}
