import { exp2 } from '../exp2.ts';

/** Weights are whole numbers of 2⁻⁵²: no share of 10⁻¹² can tell the rest, and a double still holds them. */
const SCALE = 2 ** 52;

/**
 * 2^(−older / halfLife) as a whole number of 2⁻⁵².
 * @param olderMicros than the youngest touchpoint that counts, ≥ 0
 * @param halfLifeMicros microseconds, > 0
 */
export function decayedWeight(olderMicros: number, halfLifeMicros: number): number {
  // 2⁰ needs no arithmetic, and each journey has one.
  if (olderMicros === 0) return SCALE;
  // What `Math.round` gives, less a branch of which a processor guesses every other turn wrong. The two differ at the double just
  // below 1/2 alone, which would ask for a power just below 2⁻⁵³; those nearest to it lie 5·10⁻¹⁵ of it away (the grain of an exponent near −53).
  return Math.floor(exp2(-olderMicros / halfLifeMicros) * SCALE + 0.5);
}

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
): bigint[] {
  // A loop, because a journey may hold more touchpoints than a call may have arguments.
  let youngest = Infinity;
  for (const [index, age] of agesMicros.entries()) if (counts[index] && age < youngest) youngest = age;
  return agesMicros.map((age, index) => {
    // A multiplier of 0 leaves nothing of it, and it may be younger than the youngest that counts.
    if (!counts[index]) return 0n;
    return BigInt(decayedWeight(age - youngest, halfLifeMicros));
  });
}
