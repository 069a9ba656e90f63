/** How often something stood in a journey, and where. A journey that it stands in without closing it is assisted. */
export interface Places {
  journeys: number;
  assisted: number;
  first: number;
  last: number;
}

/** Counts, by number, in how many journeys something stands, introduces and closes. Also keeps where it stands in the journey at hand. */
export class PlaceCounts {
  readonly #journeys: number[] = [];
  readonly #first: number[] = [];
  readonly #last: number[] = [];
  /** The journey in which a number was seen last, and its first and last place there. */
  readonly #seenIn: number[] = [];
  readonly #firstPlace: number[] = [];
  readonly #lastPlace: number[] = [];
  #journey = 0;
  /** The numbers of the journey at hand, in order of their first place. */
  readonly here: number[] = [];

  begin(): void {
    this.#journey += 1;
    this.here.length = 0;
  }

  note(number: number, place: number): void {
    if (number >= this.#journeys.length) this.#makeRoom(number);
    if (this.#seenIn[number] !== this.#journey) {
      this.#seenIn[number] = this.#journey;
      this.#firstPlace[number] = place;
      this.here.push(number);
    }
    this.#lastPlace[number] = place;
  }

  /** @param length of the journey at hand; places count from 0 */
  end(length: number): void {
    for (const number of this.here) {
      this.#journeys[number]! += 1;
      if (this.#firstPlace[number] === 0) this.#first[number]! += 1;
      if (this.#lastPlace[number] === length - 1) this.#last[number]! += 1;
    }
  }

  /** Whether `a` came before `b` into the journey at hand, and whether it was there after it. */
  isFirstOf(a: number, b: number): boolean {
    return this.#firstPlace[a]! < this.#firstPlace[b]!;
  }

  isLastOf(a: number, b: number): boolean {
    return this.#lastPlace[a]! > this.#lastPlace[b]!;
  }

  /** Numbers that were seen, each with its counts. */
  *counted(): Generator<Places & { number: number }> {
    for (const [number, journeys] of this.#journeys.entries()) {
      const last = this.#last[number]!;
      if (journeys > 0) yield { number, journeys, assisted: journeys - last, first: this.#first[number]!, last };
    }
  }

  #makeRoom(number: number): void {
    for (let next = this.#journeys.length; next <= number; next += 1)
      for (const column of [this.#journeys, this.#first, this.#last, this.#seenIn, this.#firstPlace, this.#lastPlace])
        column.push(0);
  }
}
