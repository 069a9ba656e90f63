import { DomainError } from '../errors.ts';
import { safeMinor } from './money.ts';

/**
 * Splits an amount over integer shares by largest remainder: each part gets its whole units, and what is left goes, unit by
 * unit, to the largest fractions. The order of the list breaks ties, so the caller sorts first (attribution.md §4).
 *
 * Parts sum to `minor` exactly, each lies within one unit of the exact quotient, and a negative amount mirrors the positive one.
 * @param minor whole smallest units, any sign
 * @param shares whole numbers ≥ 0, not all zero
 * @throws DomainError `invalid` for negative, fractional or all-zero shares
 */
export function allocate(minor: number, shares: readonly (number | bigint)[]): number[] {
  safeMinor(minor);
  if (minor < 0) return allocate(-minor, shares).map((part) => safeMinor(-part));
  const exact = shares.map(toShare);
  const sum = exact.reduce((total, share) => total + share, 0n);
  if (sum === 0n) throw new DomainError('invalid', 'An amount cannot be split over shares that are all zero.');

  const amount = BigInt(minor);
  const parts = exact.map((share) => Number((amount * share) / sum));
  const fractions = exact.map((share) => (amount * share) % sum);
  const left = minor - parts.reduce((total, part) => total + part, 0);
  for (const index of largestFirst(fractions).slice(0, left)) parts[index]! += 1;
  return parts;
}

function toShare(share: number | bigint): bigint {
  if (share < 0 || (typeof share === 'number' && !Number.isSafeInteger(share))) {
    throw new DomainError('invalid', `A share must be a whole number that is not negative, not ${share}.`);
  }
  return BigInt(share);
}

/** Indexes by falling value; equal values keep their order. */
function largestFirst(values: readonly bigint[]): number[] {
  return values
    .map((_, index) => index)
    .sort((a, b) => (values[a]! < values[b]! ? 1 : values[a]! > values[b]! ? -1 : a - b));
}
