import type { Chain } from './chain.ts';
import { solveChain } from './solve.ts';
import type { Expectation, SolvedChain } from './solve.ts';

/**
 * What a journey brings less without each channel, of the chain's channels in their order.
 *
 * What is lost is Σ h(s) × x(s) over the channel's states: the chance that a journey comes into them first at s, times what it would have
 * brought from there. Where nothing converts from any of them, nothing is lost. Where no journey that left them can come back, h is known
 * without solving: flow is conserved, so each state is passed visits / journeys times, and what comes in from outside comes in first.
 * Only a channel that stands in a circle with others is solved anew, without its states.
 */
export function lossesOf(chain: Chain, whole: SolvedChain): Expectation[] {
  const states = statesByChannel(chain);
  const before = predecessorsOf(chain);
  const depths = depthsOf(chain, whole.components);
  return states.map((own, channel) => {
    if (own.every((state) => whole.conversions[state] === 0 && whole.values[state] === 0)) {
      return { conversion: 0, value: 0 };
    }
    const isOwn = (state: number) => chain.contains[state]!.includes(channel);
    const deepest = own.reduce((most, state) => Math.max(most, depths[state]!), 0);
    const loss = { conversion: 0, value: 0 };
    for (const state of own) {
      let entries = chain.start[state]!;
      for (let at = before.rows[state]!; at < before.rows[state + 1]!; at += 1) {
        const from = before.sources[at]!;
        if (isOwn(from)) continue;
        if (depths[from]! <= deepest) return solvedLoss(chain, whole, isOwn);
        entries += (chain.visits[from]! / chain.journeys) * chain.probabilities[before.slots[at]!]!;
      }
      loss.conversion += entries * whole.conversions[state]!;
      loss.value += entries * whole.values[state]!;
    }
    return loss;
  });
}

function solvedLoss(chain: Chain, whole: SolvedChain, isOwn: (state: number) => boolean): Expectation {
  const without = solveChain(chain, (state) => !isOwn(state));
  return { conversion: whole.conversion - without.conversion, value: whole.value - without.value };
}

function statesByChannel({ channels, contains }: Chain): number[][] {
  const states: number[][] = channels.map(() => []);
  contains.forEach((held, state) => held.forEach((channel) => states[channel]!.push(state)));
  return states;
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
