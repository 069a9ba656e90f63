import { NANO, nano } from '../nano.ts';

/**
 * `first` to the first, `last` to the last, the rest evenly over the middle. Two touchpoints divide by `first + last`
 * (40/20/40 gives 50/50), one gets all (attribution.md §3). Scaled by the middle's length, so that nothing is divided.
 */
export function positionWeights(length: number, first: number, last: number): bigint[] {
  const parts = positionParts(length, first, last);
  return Array.from({ length }, (_, index) => parts[placeOf(index, length)]);
}

/** The weights of the first, of each in the middle and of the last of `length` touchpoints; an only one is the first. */
export function positionParts(length: number, first: number, last: number): [bigint, bigint, bigint] {
  if (length === 1) return [1n, 0n, 0n];
  if (length === 2) return [nano(first), 0n, nano(last)];
  const middle = BigInt(length - 2);
  return [nano(first) * middle, BigInt(NANO) - nano(first) - nano(last), nano(last) * middle];
}

/** Which of `positionParts` a touchpoint gets. */
export function placeOf(index: number, length: number): 0 | 1 | 2 {
  if (index === 0) return 0;
  return index === length - 1 ? 2 : 1;
}
