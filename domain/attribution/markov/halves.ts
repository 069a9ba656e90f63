import type { Chain } from './chain.ts';
import { reduceChain, reductionWork } from './full-chain.ts';
import type { FullChain } from './full-chain.ts';
import { ThinChain } from './thin-chain.ts';

/** Chains up to this size are eliminated as full ones. */
const ALWAYS_FULL = 48;
/** A chain with a step between one pair of states in so many is a full one. */
const FULL_PARTS = 16;
/** A state that so many times the steps of a state take the place of waits: later, when fewer are left, it costs less. */
const MOST_FILL = 4;
/** A step between any two states in a map, in multiply-adds of a matrix. */
const THIN_STEP_WORK = 300;

/** Of all work, the part that may go into steps in maps. */
const THIN_PART = 5;

/** The chance that a journey comes into the states of a group first at each of them. */
export type Entries = Pick<FullChain, 'states' | 'start'>;

/** Is given each group by its place. */
type Take = (group: number, entries: Entries) => void;

/**
 * Where journeys come into each of many groups of states first. What does not belong to half of the groups is eliminated once for that half, then
 * half of the half, and so on: each elimination serves all groups that need it, and for each nothing but its own states is left in the end.
 * @returns the work that it took, in multiply-adds; null where that would be more than `mostWork`, and not every group was given
 */
export function eachEntries(
  chain: Chain,
  groups: readonly (readonly number[])[],
  mostWork: number,
  take: Take,
): number | null {
  const halving = new Halving(chain.states, groups, mostWork, take);
  halving.thin(ThinChain.of(chain), Array.from(groups.keys()));
  return halving.isDone ? mostWork - halving.left : null;
}

class Halving {
  readonly #groups: readonly (readonly number[])[];
  readonly #take: Take;
  readonly #isOwn: Uint8Array;
  left: number;
  /** Groups that were not given yet. */
  #waiting: number;
  /** Chains that have not become full by then are so large that they cannot be eliminated as full ones. */
  #thinLeft: number;

  constructor(states: number, groups: readonly (readonly number[])[], mostWork: number, take: Take) {
    this.#groups = groups;
    this.#take = take;
    this.#waiting = groups.length;
    this.#isOwn = new Uint8Array(states);
    this.left = mostWork;
    this.#thinLeft = mostWork / THIN_PART;
  }

  get isDone(): boolean {
    return this.left >= 0;
  }

  thin(chain: ThinChain, groups: readonly number[]): void {
    this.#spendThin(chain.edges + chain.size);
    const others = this.#within(groups, (isOwn) => chain.placesOf((state) => !isOwn(state)));
    const waiting = eliminateCheap(chain, others, this.#thinLeft / THIN_STEP_WORK);
    this.#spendThin(chain.steps);
    if (!this.isDone) return;
    const { size, edges } = chain;
    const isFull = size <= ALWAYS_FULL || edges * FULL_PARTS >= size ** 2 || groups.length === 1 || waiting * 2 >= size;
    if (!isFull) for (const half of halvesOf(groups)) this.thin(chain.copy(), half);
    // Whether there is room and time, for the other groups too, is known before a matrix is made.
    else if (fullWork(size, groups.length) * (this.#waiting / groups.length) <= this.left)
      this.#full(chain.full(), groups);
    else this.left = -1;
  }

  #spendThin(steps: number): void {
    this.left -= steps * THIN_STEP_WORK;
    this.#thinLeft -= steps * THIN_STEP_WORK;
    if (this.#thinLeft < 0) this.left = -1;
  }

  #full(chain: FullChain, groups: readonly number[]): void {
    const reduced = this.#within(groups, (isOwn) => reduceChain(chain, isOwn));
    this.left -= reductionWork(chain.states.length, reduced.states.length);
    if (groups.length > 1) {
      for (const half of halvesOf(groups)) if (this.isDone) this.#full(reduced, half);
      return;
    }
    this.#waiting -= 1;
    this.#take(groups[0]!, reduced);
  }

  #within<Result>(groups: readonly number[], work: (isOwn: (state: number) => boolean) => Result): Result {
    for (const group of groups) for (const state of this.#groups[group]!) this.#isOwn[state] = 1;
    const result = work((state) => this.#isOwn[state] === 1);
    for (const group of groups) for (const state of this.#groups[group]!) this.#isOwn[state] = 0;
    return result;
  }
}

/** Of eliminating a full chain for each group: all of it for one, for many 7/12 of its cube in halves, a quarter of that in theirs, and so on. */
function fullWork(size: number, groups: number): number {
  return groups === 1 ? reductionWork(size, 0) : (7 / 9) * size ** 3;
}

/** Eliminates those of the places that stand between few others, the cheapest first; returns how many are left. */
function eliminateCheap(chain: ThinChain, places: readonly number[], mostSteps: number): number {
  let left = places;
  for (let most = 1; left.length > 0 && most <= MOST_FILL * chain.size; most *= 2) {
    left = left.filter((at) => {
      if (chain.costOf(at) > most || chain.steps > mostSteps) return true;
      chain.eliminate(at);
      return false;
    });
  }
  return left.length;
}

function halvesOf(groups: readonly number[]): (readonly number[])[] {
  const middle = groups.length >> 1;
  return [groups.slice(0, middle), groups.slice(middle)];
}
