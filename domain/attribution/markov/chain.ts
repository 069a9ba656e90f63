import type { AggregatedPath } from '../paths.ts';

/**
 * An absorbing chain in rows of transitions. START, conversion and null are not states of it: `start` says where journeys begin,
 * `converts` and `values` what a step from a state to conversion brings.
 */
export interface Chain {
  channels: string[];
  states: number;
  /** Channel indexes that each state contains. */
  contains: Int32Array[];
  /** Transitions of state s are `targets[rows[s] … rows[s + 1]]` with their probabilities. */
  rows: Int32Array;
  targets: Int32Array;
  probabilities: Float64Array;
  start: Float64Array;
  converts: Float64Array;
  /** Probability of converting next × mean value of the conversions that end here. */
  values: Float64Array;
  /** Probability that the journey ends here, converted or not. */
  ends: Float64Array;
}

interface Counts {
  contains: Int32Array[];
  next: Map<number, number>[];
  start: number[];
  leaves: number[];
  conversions: number[];
  value: number[];
  ended: number[];
}

/**
 * Builds the chain of order k: states are sliding k-grams, a path shorter than k is one state, and each transition weighs
 * conversions + nulls (attribution.md §5).
 * @param paths canonical, at least one
 */
export function buildChain(paths: readonly AggregatedPath[], order: number): Chain {
  const channels = [...new Set(paths.flatMap(({ path }) => path))].sort();
  const index = new Map(channels.map((channel, position): [string, number] => [channel, position]));
  const counts: Counts = { contains: [], next: [], start: [], leaves: [], conversions: [], value: [], ended: [] };
  const ids = new Map<string, number>();
  for (const row of paths) {
    const steps = row.path.map((channel) => index.get(channel)!);
    countPath(counts, statesOf(steps, order, ids, counts), row);
  }
  return toChain(channels, counts);
}

/** The states that a path goes through; new ones get the next number. */
function statesOf(steps: readonly number[], order: number, ids: Map<string, number>, counts: Counts): number[] {
  const length = Math.min(order, steps.length);
  return Array.from({ length: steps.length - length + 1 }, (_, from) => {
    const gram = steps.slice(from, from + length);
    const key = gram.join(',');
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = ids.size;
    ids.set(key, id);
    counts.contains.push(Int32Array.from(new Set(gram)));
    counts.next.push(new Map());
    for (const list of [counts.start, counts.leaves, counts.conversions, counts.value, counts.ended]) list.push(0);
    return id;
  });
}

function countPath(counts: Counts, states: readonly number[], { conversions, nulls, value }: AggregatedPath): void {
  const weight = conversions + nulls;
  counts.start[states[0]!]! += weight;
  states.forEach((state, position) => {
    counts.leaves[state]! += weight;
    const following = states[position + 1];
    if (following === undefined) return;
    const row = counts.next[state]!;
    row.set(following, (row.get(following) ?? 0) + weight);
  });
  const last = states.at(-1)!;
  counts.conversions[last]! += conversions;
  counts.value[last]! += value;
  counts.ended[last]! += weight;
}

function toChain(channels: string[], counts: Counts): Chain {
  const states = counts.contains.length;
  const rows = new Int32Array(states + 1);
  counts.next.forEach((row, state) => (rows[state + 1] = rows[state]! + row.size));
  const targets = new Int32Array(rows[states]!);
  const probabilities = new Float64Array(rows[states]!);
  counts.next.forEach((row, state) => {
    let at = rows[state]!;
    for (const [target, weight] of row) {
      targets[at] = target;
      probabilities[at] = weight / counts.leaves[state]!;
      at += 1;
    }
  });
  const journeys = counts.start.reduce((sum, weight) => sum + weight, 0);
  return {
    channels,
    states,
    contains: counts.contains,
    rows,
    targets,
    probabilities,
    start: Float64Array.from(counts.start, (weight) => weight / journeys),
    converts: Float64Array.from(counts.conversions, (weight, state) => weight / counts.leaves[state]!),
    values: Float64Array.from(counts.value, (value, state) => value / counts.leaves[state]!),
    ends: Float64Array.from(counts.ended, (weight, state) => weight / counts.leaves[state]!),
  };
}
