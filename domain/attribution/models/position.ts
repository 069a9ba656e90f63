import { NANO, nano } from '../nano.ts';

/**
 * `first` to the first, `last` to the last, the rest evenly over the middle. Two touchpoints divide by `first + last`
 * (40/20/40 gives 50/50), one gets all (attribution.md §3). Scaled by the middle's length, so that nothing is divided.
 */
export function positionWeights(length: number, first: number, last: number): bigint[] {
  if (length === 1) return [1n];
  if (length === 2) return [nano(first), nano(last)];
  const middle = BigInt(length - 2);
  const rest = BigInt(NANO) - nano(first) - nano(last);
  return Array.from({ length }, (_, index) => {
    if (index === 0) return nano(first) * middle;
    return index === length - 1 ? nano(last) * middle : rest;
  });
}
