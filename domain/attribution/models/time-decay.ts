import { exp2 } from '../exp2.ts';

/**
 * 2^(−age / halfLife), up to a factor that normalising takes away: ages count from the youngest touchpoint that `counts`, so a
 * journey whose touchpoints are all many half-lives old does not vanish into zeros.
 * @param agesMicros conversion minus touchpoint, in microseconds, each ≥ 0
 * @param halfLifeMicros microseconds, > 0
 */
export function timeDecayWeights(
  agesMicros: readonly number[],
  halfLifeMicros: number,
  counts: readonly boolean[],
): number[] {
  const youngest = Math.min(...agesMicros.filter((_, index) => counts[index]));
  return agesMicros.map((age, index) => (counts[index] ? exp2(-(age - youngest) / halfLifeMicros) : 0));
}
