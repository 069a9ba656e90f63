/** All to the first of `length` touchpoints. */
export function firstWeights(length: number): bigint[] {
  return Array.from({ length }, (_, index) => (index === 0 ? 1n : 0n));
}
