import type { Chain } from './chain.ts';
import type { Expectation, SolvedChain } from './solve.ts';

/** States that are looked at to find a way back; where there may be one further on, the flow says nothing. */
const MOST_SEEN = 2_000;

/**
 * Of states, given by their numbers, what a journey brings less without them, read from how often each state is passed; null where that does
 * not say it. Where no journey that left them can come back, what comes in from outside comes in first: flow is conserved, so each state is
 * passed visits / journeys times.
 */
export function flowLosses(chain: Chain, whole: SolvedChain): (own: readonly number[]) => Expectation | null {
  const before = predecessorsOf(chain);
  const depths = depthsOf(chain, whole.components);
  return (own) => {
    if (own.every((state) => whole.conversions[state] === 0 && whole.values[state] === 0)) {
      return { conversion: 0, value: 0 };
    }
    const isOwn = new Set(own);
    const doors = new Set<number>();
    const loss = { conversion: 0, value: 0 };
    for (const state of own) {
      let entries = chain.start[state]!;
      for (let at = before.rows[state]!; at < before.rows[state + 1]!; at += 1) {
        const from = before.sources[at]!;
        if (isOwn.has(from)) continue;
        doors.add(from);
        entries += (chain.visits[from]! / chain.journeys) * chain.probabilities[before.slots[at]!]!;
      }
      loss.conversion += entries * whole.conversions[state]!;
      loss.value += entries * whole.values[state]!;
    }
    return mayComeBack(chain, isOwn, doors, depths) ? null : loss;
  };
}

/** Whether a way leads from some states outside and to one of the doors, through which they are entered. */
function mayComeBack(
  { rows, targets }: Chain,
  own: ReadonlySet<number>,
  doors: ReadonlySet<number>,
  depths: Int32Array,
): boolean {
  let lowest = Number.POSITIVE_INFINITY;
  for (const door of doors) lowest = Math.min(lowest, depths[door]!);
  const seen = new Set(own);
  for (const state of seen) {
    if (seen.size - own.size > MOST_SEEN) return true;
    for (let slot = rows[state]!; slot < rows[state + 1]!; slot += 1) {
      const target = targets[slot]!;
      // From a state that lies deeper than each door no way leads up to one.
      if (depths[target]! < lowest) continue;
      if (doors.has(target)) return true;
      seen.add(target);
    }
  }
  return false;
}

/** The transitions by where they lead: those into state s come from `sources[rows[s] … rows[s + 1]]`, by `slots` of the chain. */
function predecessorsOf({ states, rows, targets }: Chain): Record<'rows' | 'sources' | 'slots', Int32Array> {
  const before = new Int32Array(states + 1);
  for (const target of targets) before[target + 1]! += 1;
  for (let state = 0; state < states; state += 1) before[state + 1]! += before[state]!;
  const next = before.slice(0, states);
  const sources = new Int32Array(targets.length);
  const slots = new Int32Array(targets.length);
  for (let state = 0; state < states; state += 1) {
    for (let slot = rows[state]!; slot < rows[state + 1]!; slot += 1) {
      const at = next[targets[slot]!]!++;
      sources[at] = state;
      slots[at] = slot;
    }
  }
  return { rows: before, sources, slots };
}

/** The place of each state's component: a state leads to none with a higher one. */
function depthsOf({ states }: Chain, components: readonly Int32Array[]): Int32Array {
  const depths = new Int32Array(states);
  components.forEach((members, place) => members.forEach((state) => (depths[state] = place)));
  return depths;
}
