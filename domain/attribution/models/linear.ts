/** The same to each of `length` touchpoints; weights are normalised later, so 1 stands for each. */
export function linearWeights(length: number): number[] {
  return Array.from({ length }, () => 1);
}
