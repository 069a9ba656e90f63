import { safeMinor } from './money.ts';
import type { Money } from './money.ts';

/** Sums by currency: amounts that cannot be added to each other. */
export class MoneySums {
  readonly #minor = new Map<string, number>();

  /** @throws DomainError `invalid` when a sum is beyond 2^53 */
  add(currency: string, minor: number): void {
    this.#minor.set(currency, safeMinor((this.#minor.get(currency) ?? 0) + minor));
  }

  /** In the order in which their currencies came. */
  toMoney(): Money[] {
    return [...this.#minor].map(([currency, minor]) => ({ minor, currency }));
  }
}
