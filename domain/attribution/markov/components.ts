import type { Chain } from './chain.ts';

/**
 * Strongly connected components of the states that `keeps` allows, each after all that it leads to (Tarjan's order), so that a
 * solver meets every component with its successors known. Iterative: paths of a thousand steps must not overflow the stack.
 */
export function componentsOf({ states, rows, targets }: Chain, keeps: (state: number) => boolean): Int32Array[] {
  const order = new Int32Array(states).fill(-1);
  const low = new Int32Array(states);
  const isOpen = new Uint8Array(states);
  const cursor = new Int32Array(states);
  const open: number[] = [];
  const components: Int32Array[] = [];
  let counter = 0;

  const enter = (state: number, calls: number[]) => {
    order[state] = low[state] = counter++;
    cursor[state] = rows[state]!;
    isOpen[state] = 1;
    open.push(state);
    calls.push(state);
  };

  for (let root = 0; root < states; root += 1) {
    if (order[root] !== -1 || !keeps(root)) continue;
    const calls: number[] = [];
    enter(root, calls);
    while (calls.length > 0) {
      const state = calls.at(-1)!;
      if (cursor[state]! < rows[state + 1]!) {
        const target = targets[cursor[state]!++]!;
        if (!keeps(target)) continue;
        if (order[target] === -1) enter(target, calls);
        else if (isOpen[target]) low[state] = Math.min(low[state]!, order[target]!);
        continue;
      }
      calls.pop();
      const caller = calls.at(-1);
      if (caller !== undefined) low[caller] = Math.min(low[caller]!, low[state]!);
      if (low[state] === order[state]) components.push(close(state, open, isOpen));
    }
  }
  return components;
}

function close(root: number, open: number[], isOpen: Uint8Array): Int32Array {
  const from = open.lastIndexOf(root);
  const members = Int32Array.from(open.splice(from));
  for (const state of members) isOpen[state] = 0;
  return members.sort();
}
