import type { Money } from './money.ts';

/** Sums by currency: amounts that cannot be added to each other. */
export class MoneySums {
  readonly #minor = new Map<string, number>();

  add(currency: string, minor: number): void {
    this.#minor.set(currency, (this.#minor.get(currency) ?? 0) + minor);
  }

  /** Those that are not zero, in the order in which their currencies came. */
  toMoney(): Money[] {
    return [...this.#minor].flatMap(([currency, minor]) => (minor === 0 ? [] : [{ minor, currency }]));
  }
}
