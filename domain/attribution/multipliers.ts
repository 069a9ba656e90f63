import { matchesFilter } from './filter.ts';
import type { Multiplier } from './policy.ts';
import type { Touchpoint } from './touchpoint.ts';

/** The product, in written order, of every multiplier that matches; 1 when none does. */
export function factorOf(touchpoint: Touchpoint, multipliers: readonly Multiplier[]): number {
  return multipliers
    .filter((multiplier) => matchesFilter(multiplier, touchpoint))
    .reduce((product, { factor }) => product * factor, 1);
}
