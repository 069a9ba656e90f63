import { DomainError } from '../errors.ts';

/** An amount in the smallest unit of its currency (ISO 4217), always a safe integer. */
export interface Money {
  minor: number;
  currency: string;
}

/** The largest amount that one event, rule or adjustment may carry: 10^13 smallest units. Nine hundred of them stay below 2^53. */
export const MAX_EVENT_MINOR = 10_000_000_000_000;

/** The same of a sale that a browser tells: 10^11. Whoever reads a page can send it, and a sum beyond 2^53 can be told to nobody. */
export const MAX_PAGE_MINOR = 100_000_000_000;

/** Returns `minor` if it is an integer that a double holds exactly; throws `invalid` otherwise. */
export function safeMinor(minor: number): number {
  if (!Number.isSafeInteger(minor)) {
    throw new DomainError('invalid', `An amount must be a whole number of smallest units below 2^53, not ${minor}.`);
  }
  return minor === 0 ? 0 : minor;
}
