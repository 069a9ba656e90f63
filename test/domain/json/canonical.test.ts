import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '../../../domain/json/canonical.ts';

describe('canonical JSON', () => {
  it('sorts keys, drops undefined and writes no spaces', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'ä' }], a: undefined, A: true })).toBe(
      '{"A":true,"b":[1,{"c":"ä","d":null}]}',
    );
  });

  it('gives one text whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const turned = Object.fromEntries(Object.entries(object).reverse());
        expect(canonicalJson(turned)).toBe(canonicalJson(object));
        expect(JSON.parse(canonicalJson(object))).toEqual(JSON.parse(JSON.stringify(object)));
      }),
    );
  });

  it('refuses what JSON cannot carry', () => {
    expect(() => canonicalJson({ a: Number.NaN })).toThrow(/cannot be written/);
    expect(() => canonicalJson(1n)).toThrow(/bigint/);
  });
});
