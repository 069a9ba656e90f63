import { compareText } from '../journey.ts';
import type { Chain } from './chain.ts';

/** One step of the chain. States of an order above 1 are named by their channels, oldest first: `video > blog`. */
export interface Transition {
  /** A state, or `START`. Channels have no capitals, so the names of the ends are no channel's. */
  from: string;
  /** A state, `CONVERSION` or `NULL`. */
  to: string;
  /** Of all that leave `from`, the part that goes to `to`. */
  probability: number;
  /** Journeys that took it, once per time. */
  count: number;
}

export interface TransitionList {
  transitions: Transition[];
  /** How many there are; `transitions` holds the most frequent of them. */
  transitionsTotal: number;
}

/** The transitions of a chain that were taken, the most frequent first, at most so many. */
export function listTransitions(chain: Chain, most: number): TransitionList {
  const names = chain.grams.map((gram) => Array.from(gram, (channel) => chain.channels[channel]).join(' > '));
  const all: Transition[] = [];
  const add = (from: string, to: string, probability: number, of: number) => {
    if (probability > 0) all.push({ from, to, probability, count: whole(probability * of) });
  };
  for (let state = 0; state < chain.states; state += 1) {
    const [name, visits] = [names[state]!, chain.visits[state]!];
    add('START', name, chain.start[state]!, chain.journeys);
    for (let slot = chain.rows[state]!; slot < chain.rows[state + 1]!; slot += 1) {
      add(name, names[chain.targets[slot]!]!, chain.probabilities[slot]!, visits);
    }
    add(name, 'CONVERSION', chain.converts[state]!, visits);
    add(name, 'NULL', Math.max(0, chain.ends[state]! - chain.converts[state]!), visits);
  }
  all.sort((a, b) => b.count - a.count || compareText(a.from, b.from) || compareText(a.to, b.to));
  const taken = all.filter(({ count }) => count > 0);
  return { transitions: taken.slice(0, most), transitionsTotal: taken.length };
}

/** Counts of journeys are whole; dividing and multiplying again leaves a trace behind the point. */
function whole(count: number): number {
  const nearest = Math.round(count);
  return Math.abs(count - nearest) < 1e-6 ? nearest : count;
}
