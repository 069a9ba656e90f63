/** All to the last of `length` touchpoints. */
export function lastWeights(length: number): bigint[] {
  return Array.from({ length }, (_, index) => (index === length - 1 ? 1n : 0n));
}
