/** Seeded random numbers (mulberry32): the same seed, the same numbers, on every machine. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 to 1, exclusive. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from 0 to `below`, exclusive. */
  whole(below: number): number {
    return Math.floor(this.next() * below);
  }

  one<Item>(items: readonly Item[]): Item {
    return items[this.whole(items.length)]!;
  }

  /** Up to `most` of these, each drawn anew. */
  some<Item>(most: number, draw: () => Item): Item[] {
    return Array.from({ length: this.whole(most + 1) }, draw);
  }
}
