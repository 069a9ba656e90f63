import type { PlaceCounts } from './journey-places.ts';

/** Journeys with more partners make pairs that say nothing; they are left out. */
const MOST_PARTNERS = 50;
/** Numbers of partners are smaller; two of them are one key. */
const KEY = 2 ** 26;

/** Two numbers in the same journeys: how often the first of them introduces and closes; the other does the rest. */
export interface PairCount {
  a: number;
  b: number;
  journeys: number;
  introduces: number;
  closes: number;
}

/** Counts pairs within journeys. */
export class PairCounts {
  readonly #slots = new Map<number, number>();
  #counts = new Int32Array(3 * 256);

  /** Notes the pairs of the journey at hand. */
  note(places: PlaceCounts): void {
    const { here } = places;
    if (here.length < 2 || here.length > MOST_PARTNERS) return;
    for (let one = 1; one < here.length; one += 1) {
      for (let other = 0; other < one; other += 1) {
        const a = Math.min(here[one]!, here[other]!);
        const b = Math.max(here[one]!, here[other]!);
        const at = this.#slotOf(a * KEY + b);
        this.#counts[at]! += 1;
        if (places.isFirstOf(a, b)) this.#counts[at + 1]! += 1;
        if (places.isLastOf(a, b)) this.#counts[at + 2]! += 1;
      }
    }
  }

  *counted(): Generator<PairCount> {
    for (const [key, at] of this.#slots) {
      const [journeys, introduces, closes] = this.#counts.subarray(at, at + 3) as unknown as [number, number, number];
      yield { a: Math.floor(key / KEY), b: key % KEY, journeys, introduces, closes };
    }
  }

  #slotOf(key: number): number {
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const at = this.#slots.size * 3;
    if (at === this.#counts.length) {
      const before = this.#counts;
      this.#counts = new Int32Array(before.length * 2);
      this.#counts.set(before);
    }
    this.#slots.set(key, at);
    return at;
  }
}
