/** The same to each of `length` touchpoints. */
export function linearWeights(length: number): bigint[] {
  return Array.from({ length }, () => 1n);
}
