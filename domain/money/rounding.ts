import { DomainError } from '../errors.ts';
import { safeMinor } from './money.ts';

/** An exact fraction; `den` is positive. Money is multiplied and divided only in this form. */
export interface Rational {
  num: bigint;
  den: bigint;
}

/**
 * Rounds a fraction once, half away from zero: 0.5 → 1, −0.5 → −1 (settlement.md §1).
 * @returns whole smallest units, a safe integer
 * @throws DomainError `invalid` when the result cannot be held exactly
 */
export function roundHalfAwayFromZero({ num, den }: Rational): number {
  if (den <= 0n) throw new DomainError('internal', 'A fraction needs a positive denominator.');
  const magnitude = num < 0n ? -num : num;
  const rounded = (2n * magnitude + den) / (2n * den);
  return safeMinor(Number(num < 0n ? -rounded : rounded));
}

/** The product of a fraction and whole numbers. */
export function times(a: Rational, num: bigint, den = 1n): Rational {
  return { num: a.num * num, den: a.den * den };
}

/** The exact sum of two fractions. */
export function plus(a: Rational, b: Rational): Rational {
  return a.den === b.den
    ? { num: a.num + b.num, den: a.den }
    : { num: a.num * b.den + b.num * a.den, den: a.den * b.den };
}

/** Negative, zero or positive as `a` is less than, equal to or more than `b`. */
export function compareRational(a: Rational, b: Rational): number {
  const difference = a.num * b.den - b.num * a.den;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** A whole number as a fraction. */
export function whole(value: number | bigint): Rational {
  return { num: BigInt(value), den: 1n };
}
