/** A chain of which every state may lead to every other, without its self-loops; what was eliminated before is part of its steps. */
export interface FullChain {
  /** Of each place, the state of the chain that it was made of. */
  states: Int32Array;
  /** Row of place p: `steps[p × stride … p × stride + states.length]`. The diagonal holds nothing that counts. */
  steps: Float64Array;
  stride: number;
  /** Chance of ending at once, by place; a sum of what ends, so that nothing cancels. */
  away: Float64Array;
  /** Chance that a journey comes into a place before any other. */
  start: Float64Array;
}

/** Multiply-adds of an elimination of all but `kept` of `size` places. */
export function reductionWork(size: number, kept: number): number {
  return (size ** 3 - kept ** 3) / 3;
}

/**
 * The same journeys, seen only where they stand in a state that `keeps` allows; the others are eliminated. As in `solveDense` nothing is
 * subtracted (Grassmann, Taksar and Heyman).
 */
export function reduceChain(chain: FullChain, keeps: (state: number) => boolean): FullChain {
  const { states, steps: given, stride } = chain;
  const size = states.length;
  const places = Array.from(states.keys());
  const own = places.filter((at) => keeps(states[at]!));
  const order = [...own, ...places.filter((at) => !keeps(states[at]!))];
  const kept = own.length;
  const steps = new Float64Array(size * size);
  order.forEach((from, at) => {
    order.forEach((to, other) => (steps[at * size + other] = given[from * stride + to]!));
  });
  const away = Float64Array.from(order, (at) => chain.away[at]!);
  const start = Float64Array.from(order, (at) => chain.start[at]!);

  for (let last = size - 1; last >= kept; last -= 1) {
    const out = last * size;
    let pivot = away[last]!;
    for (let to = 0; to < last; to += 1) pivot += steps[out + to]!;
    for (let at = 0; at < last; at += 1) {
      const row = at * size;
      const through = steps[row + last]! / pivot;
      if (through === 0) continue;
      for (let to = 0; to < last; to += 1) steps[row + to]! += through * steps[out + to]!;
      away[at]! += through * away[last]!;
    }
    const through = start[last]! / pivot;
    if (through === 0) continue;
    for (let to = 0; to < last; to += 1) start[to]! += through * steps[out + to]!;
  }
  return {
    states: Int32Array.from(own, (at) => states[at]!),
    steps,
    stride: size,
    away: away.subarray(0, kept),
    start: start.subarray(0, kept),
  };
}
