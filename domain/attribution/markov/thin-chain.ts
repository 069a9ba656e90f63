import type { Chain } from './chain.ts';
import type { FullChain } from './full-chain.ts';

/** A chain of which each state leads to few others, without its self-loops; states can be eliminated one by one. */
export class ThinChain {
  /** Places that are left. */
  size: number;
  edges = 0;
  /** Steps that were handled to eliminate places. */
  steps = 0;
  readonly #states: Int32Array;
  readonly #out: Map<number, number>[];
  readonly #into: Set<number>[];
  readonly #away: Float64Array;
  readonly #start: Float64Array;
  readonly #isGone: Uint8Array;

  private constructor(states: Int32Array, away: Float64Array, start: Float64Array) {
    this.size = states.length;
    this.#states = states;
    this.#away = away;
    this.#start = start;
    this.#out = Array.from(states, () => new Map<number, number>());
    this.#into = Array.from(states, () => new Set<number>());
    this.#isGone = new Uint8Array(states.length);
  }

  static of(chain: Chain): ThinChain {
    const states = Int32Array.from({ length: chain.states }, (_, state) => state);
    const thin = new ThinChain(states, Float64Array.from(chain.ends), Float64Array.from(chain.start));
    for (let state = 0; state < chain.states; state += 1) {
      for (let slot = chain.rows[state]!; slot < chain.rows[state + 1]!; slot += 1) {
        const probability = chain.probabilities[slot]!;
        if (probability > 0) thin.#add(state, chain.targets[slot]!, probability);
      }
    }
    return thin;
  }

  /** The places whose states `is` picks. */
  placesOf(is: (state: number) => boolean): number[] {
    return Array.from(this.#states.keys()).filter((at) => !this.#isGone[at] && is(this.#states[at]!));
  }

  /** How many steps stand for those through a place once it is eliminated. */
  costOf(at: number): number {
    return this.#into[at]!.size * this.#out[at]!.size;
  }

  /** Lets journeys step past a place. Nothing is subtracted: staying there is divided out. */
  eliminate(at: number): void {
    const out = this.#out[at]!;
    let pivot = this.#away[at]!;
    for (const probability of out.values()) pivot += probability;
    this.steps += this.costOf(at) + out.size + this.#into[at]!.size;
    for (const from of this.#into[at]!) {
      const through = this.#out[from]!.get(at)! / pivot;
      this.#out[from]!.delete(at);
      for (const [to, probability] of out) this.#add(from, to, through * probability);
      this.#away[from]! += through * this.#away[at]!;
    }
    for (const [to, probability] of out) {
      this.#into[to]!.delete(at);
      this.#start[to]! += (this.#start[at]! / pivot) * probability;
    }
    this.edges -= out.size + this.#into[at]!.size;
    this.size -= 1;
    this.#isGone[at] = 1;
    out.clear();
    this.#into[at]!.clear();
  }

  /** The same without what was eliminated; changes of the one are none of the other. */
  copy(): ThinChain {
    const { places, states, away, start } = this.#left();
    const copy = new ThinChain(states, away, start);
    this.#eachStep(places, (from, to, probability) => copy.#add(from, to, probability));
    return copy;
  }

  full(): FullChain {
    const { places, ...left } = this.#left();
    const steps = new Float64Array(this.size ** 2);
    this.#eachStep(places, (from, to, probability) => (steps[from * this.size + to] = probability));
    return { ...left, steps, stride: this.size };
  }

  #left() {
    const places = this.placesOf(() => true);
    const pick = (figures: Float64Array) => Float64Array.from(places, (at) => figures[at]!);
    const states = Int32Array.from(places, (at) => this.#states[at]!);
    return { places, states, away: pick(this.#away), start: pick(this.#start) };
  }

  #eachStep(places: readonly number[], step: (from: number, to: number, probability: number) => void): void {
    const renamed = new Int32Array(this.#states.length);
    places.forEach((at, place) => (renamed[at] = place));
    places.forEach((at, place) => {
      for (const [to, probability] of this.#out[at]!) step(place, renamed[to]!, probability);
    });
  }

  #add(from: number, to: number, probability: number): void {
    if (from === to) return;
    const out = this.#out[from]!;
    const before = out.get(to);
    out.set(to, (before ?? 0) + probability);
    if (before !== undefined) return;
    this.#into[to]!.add(from);
    this.edges += 1;
  }
}
