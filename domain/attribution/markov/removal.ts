import { invalid } from '../../errors.ts';
import type { Chain } from './chain.ts';
import { flowLosses } from './flow.ts';
import { eachEntries } from './halves.ts';
import { MOST_WORK, solveChain } from './solve.ts';
import type { Expectation, SolvedChain } from './solve.ts';

/** Up to this work, in multiply-adds, channels are removed one after the other; beyond it, by halves may be less. */
const SMALL_WORK = 500_000_000;

/** What is lost without each channel, in the order of the channels, and the work that it took, in multiply-adds. */
export interface Losses {
  losses: Expectation[];
  work: number;
}

/**
 * What a journey brings less without each channel of a chain.
 *
 * What is lost is Σ h(s) × x(s) over the channel's states: the chance that a journey comes into them first at s, times what it would have
 * brought from there. Where journeys do not come back to a channel, the flow of the chain says h. The others are removed each in turn, or,
 * where they are many, by halves.
 * @param mostWork of the whole solve too, in multiply-adds
 * @throws DomainError `invalid` where that takes too long, saying how many channels can be had
 */
export function lossesOf(chain: Chain, whole: SolvedChain, mostWork = MOST_WORK): Losses {
  const states = statesByChannel(chain);
  const lossOf = flowLosses(chain, whole);
  const losses = states.map((own) => lossOf(own));
  const rest = [...losses.keys()].filter((channel) => losses[channel] === null);
  const groups = rest.map((channel) => states[channel]!);
  const eachWork = rest.length * whole.work;
  // Half of what the other way takes is risked, or all that there is where there is no other.
  const left = mostWork - whole.work;
  const halvesWork = eachWork > left ? left : eachWork / 2;
  const byHalves = eachWork > SMALL_WORK ? removeHalves(chain, whole, groups, halvesWork) : null;
  if (!byHalves && eachWork > left)
    throw tooMany(rest.length, chain.states, Math.max(1, Math.floor(left / whole.work)));
  const removed = byHalves ?? { losses: groups.map((own) => removeStates(chain, whole, own)), work: eachWork };
  rest.forEach((channel, at) => (losses[channel] = removed.losses[at]!));
  return { losses: losses as Expectation[], work: removed.work };
}

function removeStates(chain: Chain, whole: SolvedChain, own: readonly number[]): Expectation {
  const isOwn = new Uint8Array(chain.states);
  for (const state of own) isOwn[state] = 1;
  const without = solveChain(chain, (state) => isOwn[state] === 0);
  return { conversion: whole.conversion - without.conversion, value: whole.value - without.value };
}

/** Null where it takes more work than that. */
function removeHalves(
  chain: Chain,
  whole: SolvedChain,
  groups: readonly (readonly number[])[],
  mostWork: number,
): Losses | null {
  const losses: Expectation[] = [];
  const work = eachEntries(chain, groups, mostWork, (group, { states, start }) => {
    const loss = { conversion: 0, value: 0 };
    states.forEach((state, at) => {
      loss.conversion += start[at]! * whole.conversions[state]!;
      loss.value += start[at]! * whole.values[state]!;
    });
    losses[group] = loss;
  });
  return work === null ? null : { losses, work };
}

function tooMany(channels: number, states: number, most: number): Error {
  return invalid(
    'source',
    `Journeys come back to ${channels} channels in a chain of ${states} states, and to remove each of them takes too long: of such journeys at most ${most} channels can be fitted. Choose a lower order or a shorter range, or fit Shapley values.`,
  );
}

function statesByChannel({ channels, contains }: Chain): number[][] {
  const states: number[][] = channels.map(() => []);
  contains.forEach((held, state) => held.forEach((channel) => states[channel]!.push(state)));
  return states;
}
