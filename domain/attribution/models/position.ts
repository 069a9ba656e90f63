/**
 * `first` to the first, `last` to the last, the rest evenly over the middle. Two touchpoints divide by `first + last`
 * (40/20/40 gives 50/50), one gets all (attribution.md §3).
 */
export function positionWeights(length: number, first: number, last: number): number[] {
  if (length === 1) return [1];
  if (length === 2) return [first / (first + last), last / (first + last)];
  const middle = Math.max(0, 1 - first - last) / (length - 2);
  return Array.from({ length }, (_, index) => (index === 0 ? first : index === length - 1 ? last : middle));
}
