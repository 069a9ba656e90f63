import { currencyExponent } from './currencies.ts';
import type { Money } from './money.ts';

/** An amount as plain decimal text without its currency: 1234 EUR → `12.34`, −5 JPY → `-5`, 1 KWD → `0.001`. */
export function decimalText({ minor, currency }: Money): string {
  const exponent = currencyExponent(currency);
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
  const text = exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
  return minor < 0 ? `-${text}` : text;
}

/** An amount as plain text with its currency: `12.34 EUR`. For people, use the locale's own form instead. */
export function moneyText(money: Money): string {
  return `${decimalText(money)} ${money.currency}`;
}
