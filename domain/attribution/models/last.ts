/** All to the last of `length` touchpoints. */
export function lastWeights(length: number): number[] {
  return Array.from({ length }, (_, index) => (index === length - 1 ? 1 : 0));
}
