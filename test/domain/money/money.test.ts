import { describe, expect, it } from '@jest/globals';
import { CURRENCIES, currencyExponent, isCurrency } from '../../../domain/money/currencies.ts';
import { decimalText, moneyText } from '../../../domain/money/format.ts';
import { minorRate, parseRate } from '../../../domain/money/rate.ts';
import { roundHalfAwayFromZero } from '../../../domain/money/rounding.ts';
import { vector } from '../../support/vector.ts';

describe('money', () => {
  it.each(Object.entries(vector('settlement', '7-iso-4217').exponents as Record<string, number>))(
    'gives %s the exponent %i of ISO 4217',
    (code, exponent) => {
      expect(currencyExponent(code)).toBe(exponent);
    },
  );

  it('knows every currency once, and no other', () => {
    expect(new Set(CURRENCIES).size).toBe(CURRENCIES.length);
    expect(CURRENCIES.every((code) => /^[A-Z]{3}$/.test(code))).toBe(true);
    expect(['XXX', 'eur', 'DEM', ''].filter(isCurrency)).toEqual([]);
  });

  it('agrees with the tables that browsers carry, but for the currencies that ISO 4217 counts otherwise', () => {
    const differs = CURRENCIES.filter((code) => {
      const intl = new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions();
      return intl.maximumFractionDigits !== currencyExponent(code);
    });
    // CLDR shows these without the smaller unit that ISO 4217 still defines.
    expect(differs.join(' ')).toBe('AFN ALL COP HUF IDR IQD IRR KPW LAK LBP MGA MMK PKR SOS SYP YER');
  });

  it.each([
    [1n, 2n, 1],
    [-1n, 2n, -1],
    [3n, 2n, 2],
    [-3n, 2n, -2],
    [49n, 100n, 0],
    [-49n, 100n, 0],
  ])('rounds %s/%s half away from zero to %i', (num, den, expected) => {
    expect(roundHalfAwayFromZero({ num, den })).toBe(expected);
  });

  it('writes plain decimals', () => {
    expect(decimalText({ minor: -5, currency: 'EUR' })).toBe('-0.05');
    expect(decimalText({ minor: 1, currency: 'KWD' })).toBe('0.001');
    expect(moneyText({ minor: 1_234, currency: 'JPY' })).toBe('1234 JPY');
  });

  it('keeps rates exact, between currencies of different units', () => {
    expect(parseRate('150.37')).toEqual({ num: 15_037n, den: 100n });
    // 100 US cents are 150.37 yen.
    const { num, den } = minorRate('USD', 'JPY', '150.37');
    expect((num * 10_000n) / den).toBe(15_037n);
    expect(minorRate('JPY', 'USD', '0.01')).toEqual({ num: 100n, den: 100n });
    expect(minorRate('KWD', 'EUR', '3')).toEqual({ num: 3n, den: 10n });
    expect(minorRate('EUR', 'EUR', null)).toEqual({ num: 1n, den: 1n });
    for (const text of ['0', '-1', '1e5', '', '1.', '.5']) expect(() => parseRate(text)).toThrow(/decimal/);
    expect(() => minorRate('USD', 'JPY', null)).toThrow(/rate/);
  });
});
