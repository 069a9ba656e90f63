import { matchesFilter } from './filter.ts';
import { NANO, nano } from './nano.ts';
import type { Multiplier } from './policy.ts';
import type { Touchpoint } from './touchpoint.ts';

/** Decimal places of `NANO`. */
const PLACES = 9;

/** A multiplier that matches a touchpoint, and where it stands in its policy, from 0. */
export interface MatchedMultiplier {
  index: number;
  factor: number;
}

/** Every multiplier that matches, in written order, and their product as a number to show; 1 when none does. */
export function shownMultipliers(
  touchpoint: Touchpoint,
  multipliers: readonly Multiplier[],
): { factor: number; multipliers: readonly MatchedMultiplier[] } {
  const matched = multipliers.flatMap((multiplier, index) =>
    matchesFilter(multiplier, touchpoint) ? [{ index, factor: multiplier.factor }] : [],
  );
  return { factor: shownProduct(matched), multipliers: matched };
}

/** The exact product as the nearest double; one that no double holds, as the largest or the smallest: JSON knows no infinity, and what counts is not 0. */
function shownProduct(matched: readonly MatchedMultiplier[]): number {
  const product = matched.reduce((exact, { factor }) => exact * nano(factor), 1n);
  if (product === 0n) return 0;
  const shown = Number(`${product}e-${PLACES * matched.length}`);
  return Math.min(Math.max(shown, Number.MIN_VALUE), Number.MAX_VALUE);
}

/** Of a touchpoint that is left out before it is weighed. */
export const NOT_MULTIPLIED = { factor: 1, multipliers: [] as readonly MatchedMultiplier[] };

/** The exact product, on a scale that is the same for every touchpoint: a multiplier that does not match counts 1. */
export function exactFactor(touchpoint: Touchpoint, multipliers: readonly Multiplier[]): bigint {
  return multipliers.reduce(
    (product, multiplier) => product * (matchesFilter(multiplier, touchpoint) ? nano(multiplier.factor) : BigInt(NANO)),
    1n,
  );
}
