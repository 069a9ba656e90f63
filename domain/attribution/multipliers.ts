import { matchesFilter } from './filter.ts';
import { NANO, nano } from './nano.ts';
import type { Multiplier } from './policy.ts';
import type { Touchpoint } from './touchpoint.ts';

/** The product, in written order, of every multiplier that matches, as a number to show; 1 when none does. */
export function shownFactor(touchpoint: Touchpoint, multipliers: readonly Multiplier[]): number {
  return multipliers
    .filter((multiplier) => matchesFilter(multiplier, touchpoint))
    .reduce((product, { factor }) => product * factor, 1);
}

/** The exact product, on a scale that is the same for every touchpoint: a multiplier that does not match counts 1. */
export function exactFactor(touchpoint: Touchpoint, multipliers: readonly Multiplier[]): bigint {
  return multipliers.reduce(
    (product, multiplier) => product * (matchesFilter(multiplier, touchpoint) ? nano(multiplier.factor) : BigInt(NANO)),
    1n,
  );
}
