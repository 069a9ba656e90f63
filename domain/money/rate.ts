import { invalid } from '../errors.ts';
import { currencyExponent } from './currencies.ts';
import type { Rational } from './rounding.ts';

const DECIMAL = /^(\d{1,12})(?:\.(\d{1,12}))?$/;

/**
 * A rate of exchange written as a decimal ("150.37": so many units of the quote currency for one unit of the base) as an exact fraction.
 * @throws DomainError `invalid` when it is no positive decimal with at most twelve places
 */
export function parseRate(text: string, path = 'rate'): Rational {
  const match = DECIMAL.exec(text);
  const digits = match ? `${match[1]}${match[2] ?? ''}` : '0';
  if (BigInt(digits) === 0n) throw invalid(path, `"${text}" is not a positive decimal such as 150.37.`);
  return { num: BigInt(digits), den: 10n ** BigInt((match?.[2] ?? '').length) };
}

/**
 * What one smallest unit of `from` is worth in smallest units of `to`, exactly, at a rate per whole unit.
 * With `rate` null both currencies must be the same, and the answer is 1.
 * @throws DomainError `invalid` for a missing rate or an unknown currency
 */
export function minorRate(from: string, to: string, rate: string | null): Rational {
  if (from === to) return { num: 1n, den: 1n };
  if (rate === null) throw invalid('rate', `A rate from ${from} to ${to} is needed.`);
  const { num, den } = parseRate(rate);
  const places = currencyExponent(to) - currencyExponent(from);
  return places >= 0 ? { num: num * 10n ** BigInt(places), den } : { num, den: den * 10n ** BigInt(-places) };
}
