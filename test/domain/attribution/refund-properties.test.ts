import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { credited } from '../../support/journeys.ts';
import { journeys, policies } from '../../support/random-journeys.ts';

const refunds = fc.array(fc.integer({ min: 1, max: 5_000_000 }), { minLength: 1, maxLength: 6 });

it('refunds take back exactly what the sale gave, in whatever parts, and never turn a credit around', () => {
  fc.assert(
    fc.property(journeys, policies, refunds, (touchpoints, policy, parts) => {
      const value = parts.reduce((sum, part) => sum + part, 0);
      let remaining = value;
      let before = credited(touchpoints, policy, remaining).credits;
      for (const part of parts) {
        remaining -= part;
        const after = credited(touchpoints, policy, remaining).credits;
        expect(after.map(({ shareE12 }) => shareE12)).toEqual(before.map(({ shareE12 }) => shareE12));
        const taken = after.map((credit, index) => before[index]!.minor - credit.minor);
        expect(taken.reduce((sum, minor) => sum + minor, 0)).toBe(part);
        // What remains is split anew, so rounding may hand a unit to another, and no more than one.
        for (const minor of taken) expect(minor).toBeGreaterThanOrEqual(-1);
        for (const { minor } of after) expect(minor).toBeGreaterThanOrEqual(0);
        before = after;
      }
      expect(before.every(({ minor }) => minor === 0)).toBe(true);
    }),
  );
});
