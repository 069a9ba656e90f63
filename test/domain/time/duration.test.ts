import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { durationMs, formatDuration, parseDuration, readDuration } from '../../../domain/time/duration.ts';

describe('durations', () => {
  it.each([
    ['P30D', { months: 0, days: 30, ms: 0 }],
    ['P1Y2M', { months: 14, days: 0, ms: 0 }],
    ['P2W', { months: 0, days: 14, ms: 0 }],
    ['P1M15D', { months: 1, days: 15, ms: 0 }],
    ['PT72H', { months: 0, days: 0, ms: 259_200_000 }],
    ['PT0.5S', { months: 0, days: 0, ms: 500 }],
    ['P1DT1M1.25S', { months: 0, days: 1, ms: 61_250 }],
  ])('reads %s into its three parts', (text, parts) => {
    expect(parseDuration(text)).toEqual(parts);
  });

  it.each(['', 'P', 'PT', 'P1', '30D', 'P-1D', 'P1.5D', 'PT1.2345S', 'P1DT', 'P200Y', 'P99999D', 'p1d'])(
    'refuses "%s"',
    (text) => {
      expect(readDuration(text)).toBeNull();
    },
  );

  it('counts a day as 24 hours, and refuses months where a length is needed', () => {
    expect(durationMs('P1DT1S')).toBe(86_401_000);
    expect(() => durationMs('P1M', 'hold')).toThrow(/months/);
  });

  it('writes what it reads', () => {
    const parts = fc.record({
      months: fc.integer({ min: 0, max: 1_200 }),
      days: fc.integer({ min: 0, max: 9_999 }),
      ms: fc.integer({ min: 0, max: 86_400_000 * 30 }),
    });
    fc.assert(
      fc.property(parts, (duration) => {
        expect(parseDuration(formatDuration(duration))).toEqual(duration);
      }),
    );
  });
});
