import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allocate } from '../../../domain/money/allocate.ts';
import { vector } from '../../support/vector.ts';

const shares = fc
  .array(fc.integer({ min: 0, max: 1_000_000_000_000 }), { minLength: 1, maxLength: 30 })
  .filter((list) => list.some((share) => share > 0));
const minor = fc.integer({ min: -10_000_000_000_000, max: 10_000_000_000_000 });

describe('splitting an amount by largest remainder', () => {
  it.each(
    vector('attribution', '9-largest-remainder').cases as { minor: number; ratios: number[]; expected: number[] }[],
  )('splits $minor over $ratios into $expected', ({ minor: amount, ratios, expected }) => {
    expect(allocate(amount, ratios)).toEqual(expected);
  });

  it('loses nothing, and stays within one unit of the exact part', () => {
    fc.assert(
      fc.property(minor, shares, (amount, list) => {
        const parts = allocate(amount, list);
        expect(parts.reduce((sum, part) => sum + BigInt(part), 0n)).toBe(BigInt(amount));
        const total = list.reduce((sum, share) => sum + BigInt(share), 0n);
        parts.forEach((part, index) => {
          const difference = BigInt(part) * total - BigInt(amount) * BigInt(list[index]!);
          expect(difference < total && difference > -total).toBe(true);
        });
      }),
    );
  });

  it('mirrors negative amounts', () => {
    fc.assert(
      fc.property(minor, shares, (amount, list) => {
        expect(allocate(-amount, list)).toEqual(allocate(amount, list).map((part) => (part === 0 ? 0 : -part)));
      }),
    );
  });

  it('refuses shares that are negative, fractional or all zero', () => {
    expect(() => allocate(1, [1, -1])).toThrow(/share/);
    expect(() => allocate(1, [0.5])).toThrow(/share/);
    expect(() => allocate(1, [0, 0])).toThrow(/all zero/);
  });
});
