import type { AggregatedPath } from '../paths.ts';
import type { ChainShape } from './shape.ts';

/**
 * An absorbing chain in rows of transitions. START, conversion and null are not states of it: `start` says where journeys begin,
 * `converts` and `values` what a step from a state to conversion brings.
 */
export interface Chain extends Omit<ChainShape, 'walks'> {
  /** Journeys that go through each state, once per visit. */
  visits: Float64Array;
  journeys: number;
  /** Of the transitions, in the order of `targets`. */
  probabilities: Float64Array;
  start: Float64Array;
  converts: Float64Array;
  /** Probability of converting next × mean value of the conversions that end here. */
  values: Float64Array;
  /** Probability that the journey ends here, converted or not. */
  ends: Float64Array;
}

/**
 * Weighs the transitions of a chain: each counts conversions + nulls (attribution.md §5).
 * @param paths those that the shape was made of, in the same order; their figures may be others (a bootstrap's)
 */
export function weighChain({ walks, ...shape }: ChainShape, paths: readonly AggregatedPath[]): Chain {
  const { states, rows, targets } = shape;
  const sums = { start: zeros(states), visits: zeros(states), converted: zeros(states), value: zeros(states) };
  const steps = zeros(targets.length);
  const ended = zeros(states);
  let journeys = 0;
  paths.forEach(({ conversions, nulls, value }, index) => {
    const { through, slots } = walks[index]!;
    const weight = conversions + nulls;
    if (weight === 0) return;
    journeys += weight;
    sums.start[through[0]!]! += weight;
    for (const state of through) sums.visits[state]! += weight;
    for (const slot of slots) steps[slot]! += weight;
    const last = through.at(-1)!;
    sums.converted[last]! += conversions;
    sums.value[last]! += value;
    ended[last]! += weight;
  });
  // A state that no resampled journey reaches ends at once, so that no figure of it is 0 / 0.
  const per = (weight: number, state: number, none = 0) =>
    sums.visits[state] === 0 ? none : weight / sums.visits[state]!;
  const probabilities = zeros(targets.length);
  for (let state = 0; state < states; state += 1) {
    for (let slot = rows[state]!; slot < rows[state + 1]!; slot += 1) probabilities[slot] = per(steps[slot]!, state);
  }
  return {
    ...shape,
    visits: sums.visits,
    journeys,
    probabilities,
    start: sums.start.map((weight) => weight / journeys),
    converts: sums.converted.map((weight, state) => per(weight, state)),
    values: sums.value.map((weight, state) => per(weight, state)),
    ends: ended.map((weight, state) => per(weight, state, 1)),
  };
}

function zeros(length: number): Float64Array {
  return new Float64Array(length);
}
