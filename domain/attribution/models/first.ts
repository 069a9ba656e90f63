/** All to the first of `length` touchpoints. */
export function firstWeights(length: number): number[] {
  return Array.from({ length }, (_, index) => (index === 0 ? 1 : 0));
}
