import type { AggregatedPath } from '../paths.ts';

/** The states of a chain and which follow which, without any weight: what stays the same however often each path was gone. */
export interface ChainShape {
  channels: string[];
  states: number;
  /** The channels of each state in the order they were touched, as indexes. */
  grams: Int32Array[];
  /** The same without repetitions. */
  contains: Int32Array[];
  /** Transitions of state s lead to `targets[rows[s] … rows[s + 1]]`. */
  rows: Int32Array;
  targets: Int32Array;
  /** Per path the states it goes through, and the transitions between them as places in `targets`. */
  walks: { through: Int32Array; slots: Int32Array }[];
}

/**
 * The shape of the chain of order k: states are sliding k-grams, a path shorter than k is one state (attribution.md §5).
 * @param paths canonical, at least one
 */
export function chainShape(paths: readonly AggregatedPath[], order: number): ChainShape {
  const named = new Set<string>();
  for (const { path } of paths) for (const channel of path) named.add(channel);
  const channels = [...named].sort();
  const index = new Map(channels.map((channel, position): [string, number] => [channel, position]));
  const grams: Int32Array[] = [];
  const ids = new Map<number | string, number>();
  const walks = paths.map(({ path }) => {
    const steps = path.map((channel) => index.get(channel)!);
    return statesOf(steps, order, channels.length + 1, ids, grams);
  });
  const next = grams.map(() => new Map<number, number>());
  for (const states of walks) {
    for (let at = 1; at < states.length; at += 1) {
      const row = next[states[at - 1]!]!;
      if (!row.has(states[at]!)) row.set(states[at]!, row.size);
    }
  }
  const rows = new Int32Array(grams.length + 1);
  next.forEach((row, state) => (rows[state + 1] = rows[state]! + row.size));
  return {
    channels,
    states: grams.length,
    grams,
    contains: grams.map((gram) => Int32Array.from(new Set(gram))),
    rows,
    targets: Int32Array.from(next.flatMap((row) => [...row.keys()])),
    walks: walks.map((through) => ({
      through,
      slots: through.subarray(1).map((state, at) => rows[through[at]!]! + next[through[at]!]!.get(state)!),
    })),
  };
}

/** The states that a path goes through; new ones get the next number. */
function statesOf(
  steps: readonly number[],
  order: number,
  base: number,
  ids: Map<number | string, number>,
  grams: Int32Array[],
): Int32Array<ArrayBuffer> {
  const length = Math.min(order, steps.length);
  const through = new Int32Array(steps.length - length + 1);
  for (let from = 0; from < through.length; from += 1) {
    const key = keyOf(steps, from, length, base);
    let id = ids.get(key);
    if (id === undefined) {
      id = grams.push(Int32Array.from(steps.slice(from, from + length))) - 1;
      ids.set(key, id);
    }
    through[from] = id;
  }
  return through;
}

/** A k-gram as digits of one whole number, or as text where that would not be exact. */
function keyOf(steps: readonly number[], from: number, length: number, base: number): number | string {
  if (base ** length >= Number.MAX_SAFE_INTEGER) return steps.slice(from, from + length).join();
  let key = 0;
  for (let at = from; at < from + length; at += 1) key = key * base + steps[at]! + 1;
  return key;
}
