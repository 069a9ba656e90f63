import { describe, expect, it } from '@jest/globals';
import { drawBinomial } from '../../../domain/attribution/binomial.ts';
import { assertAffordable, bootstrapIntervals } from '../../../domain/attribution/bootstrap.ts';
import { seededChance } from '../../../domain/attribution/chance.ts';
import { fitPaths } from '../../../domain/attribution/fit.ts';
import { aggregatedPaths, aPathRow } from '../../support/aggregated-paths.ts';

describe('a binomial draw', () => {
  it.each([
    [5, 0.3],
    [1_000, 0.004],
    [1_000, 0.3],
    [1_000, 0.98],
    [2_000_000_000, 0.25],
  ])('of %i trials of chance %d has the mean, the spread and the skew of the distribution', (trials, p) => {
    const chance = seededChance(42);
    const draws = 20_000;
    const hits = Array.from({ length: draws }, () => drawBinomial(trials, p, chance));
    const variance = trials * p * (1 - p);
    const mean = hits.reduce((sum, hit) => sum + hit, 0) / draws;
    const scaled = hits.map((hit) => (hit - trials * p) / Math.sqrt(variance));
    const moment = (power: number) => scaled.reduce((sum, x) => sum + x ** power, 0) / draws;
    // Four standard errors of each.
    expect(Math.abs(mean - trials * p) / Math.sqrt(variance)).toBeLessThan(4 / Math.sqrt(draws));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt((2 + 1 / variance) / draws));
    expect(Math.abs(moment(3) - (1 - 2 * p) / Math.sqrt(variance))).toBeLessThan(0.2);
    expect(hits.every((hit) => Number.isInteger(hit) && hit >= 0 && hit <= trials)).toBe(true);
  });

  it('at the edges is certain', () => {
    const chance = seededChance(1);
    expect([0, 1].map((p) => drawBinomial(9, p, chance))).toEqual([0, 9]);
    expect(drawBinomial(0, 0.5, chance)).toBe(0);
  });
});

describe('a bootstrap', () => {
  const paths = [aPathRow('a', 60, 40), aPathRow('b', 40, 160)];
  const shares = (seed: number, samples = 1_000) =>
    Object.fromEntries(
      fitPaths(paths, { method: 'shapley', bootstrap: { samples, seed } }).channels.map((item) => [item.channel, item]),
    );

  it('gives the interval that theory gives a proportion', () => {
    // Given 100 conversions, those of `a` are binomial: 0.6 ± 1.96 × √(0.24 / 100).
    const { a, b } = shares(7);
    expect(a!.share).toBe(0.6);
    expect(Math.abs(a!.interval!.low - 0.504)).toBeLessThan(0.02);
    expect(Math.abs(a!.interval!.high - 0.696)).toBeLessThan(0.02);
    expect(b!.interval!.low).toBeCloseTo(1 - a!.interval!.high, 9);
  });

  it.each([
    // 2.5 and 97.5 of the 100 steps between the values: halfway between 2² and 3², and between 97² and 98².
    [101, 6.5, 9_506.5],
    [41, 1, 39 ** 2],
    [2, 0.025, 0.975],
    [1, 0, 0],
  ])(
    'of %i samples is the quantiles of the shares, lowest first, between two values in proportion',
    (samples, low, high) => {
      // Squares of 0, 1, 2, … in another order: 37 has no part in common with any of these numbers.
      let sample = 0;
      const rigged = () => [{ channel: 'b', share: ((sample++ * 37) % samples) ** 2 }];
      const intervals = bootstrapIntervals(paths, { samples, seed: 1 }, rigged);
      expect([...intervals.keys()]).toEqual(['a', 'b']);
      expect(intervals.get('b')!.low).toBeCloseTo(low, 9);
      expect(intervals.get('b')!.high).toBeCloseTo(high, 9);
      expect(intervals.get('a')).toEqual({ low: 0, high: 0 });
    },
  );

  it('gives the same bytes for the same seed, whatever the order of rows, and others for another', () => {
    const many = aggregatedPaths(60, 4, 4);
    const fit = (rows: typeof many, seed: number) =>
      JSON.stringify(fitPaths(rows, { method: 'markov', order: 2, bootstrap: { samples: 30, seed } }));
    expect(fit(many.toReversed(), 5)).toBe(fit(many, 5));
    expect(fit(many, 6)).not.toBe(fit(many, 5));
  });

  it('draws as many journeys as there are each time, of every outcome around its own number', () => {
    const seen: number[][] = [];
    bootstrapIntervals(paths, { samples: 400, seed: 3 }, (resampled) => {
      seen.push(resampled.flatMap(({ conversions, nulls }) => [conversions, nulls]));
      return [];
    });
    for (const counts of seen) expect(counts.reduce((sum, count) => sum + count, 0)).toBe(300);
    [60, 40, 40, 160].forEach((count, outcome) => {
      const drawn = seen.map((counts) => counts[outcome]!);
      const mean = drawn.reduce((sum, hit) => sum + hit, 0) / drawn.length;
      const variance = drawn.reduce((sum, hit) => sum + (hit - mean) ** 2, 0) / drawn.length;
      const theory = count * (1 - count / 300);
      expect(Math.abs(mean - count)).toBeLessThan(4 * Math.sqrt(theory / 400));
      expect(variance / theory).toBeGreaterThan(0.7);
      expect(variance / theory).toBeLessThan(1.3);
    });
  });

  it.each([1, 2, 3, 4])('of a chain of order %i holds the share, and narrows as journeys grow', (order) => {
    const width = (times: number) => {
      const rows = aggregatedPaths(60, 4, 4).map((row) => ({
        ...row,
        conversions: row.conversions * times,
        nulls: row.nulls * times,
      }));
      const { channels } = fitPaths(rows, { method: 'markov', order, bootstrap: { samples: 60, seed: 1 } });
      for (const { share, interval } of channels) {
        expect(interval!.low).toBeLessThan(share);
        expect(interval!.high).toBeGreaterThan(share);
      }
      return channels.reduce((sum, { interval }) => sum + interval!.high - interval!.low, 0);
    };
    const ratio = width(1) / width(100);
    expect(ratio).toBeGreaterThan(5);
    expect(ratio).toBeLessThan(20);
  });

  it('is refused where it would take long, and says how much can be had', () => {
    const rows = [aPathRow('a > b', 1)];
    expect(() => assertAffordable(rows, 50_000_000, 299)).not.toThrow();
    expect(() => assertAffordable(rows, 50_000_000, 300)).toThrow(/at most 299 samples/);
    expect(() => assertAffordable(rows, 20_000_000_000, 1)).toThrow(/lower order/);
  });

  it('refuses parts of journeys', () => {
    expect(() => fitPaths([aPathRow('a', 0.5, 1)], { method: 'shapley', bootstrap: { samples: 1, seed: 1 } })).toThrow(
      /whole journeys/,
    );
  });
});

describe('the transitions of a chain', () => {
  it('count the journeys that took each step, ends included', () => {
    const { transitions, transitionsTotal } = fitPaths([aPathRow('a > b', 3, 1), aPathRow('a', 0, 4)], {
      method: 'markov',
    });
    expect(transitions).toEqual([
      { from: 'START', to: 'a', probability: 1, count: 8 },
      { from: 'a', to: 'NULL', probability: 0.5, count: 4 },
      { from: 'a', to: 'b', probability: 0.5, count: 4 },
      { from: 'b', to: 'CONVERSION', probability: 0.75, count: 3 },
      { from: 'b', to: 'NULL', probability: 0.25, count: 1 },
    ]);
    expect(transitionsTotal).toBe(5);
  });

  it('name the channels of a longer state, and are the thousand most frequent', () => {
    const { transitions } = fitPaths([aPathRow('a > b > a', 2)], { method: 'markov', order: 2 });
    expect(transitions.map(({ from, to }) => `${from} | ${to}`)).toEqual([
      'START | a > b',
      'a > b | b > a',
      'b > a | CONVERSION',
    ]);
    const many = fitPaths(aggregatedPaths(2_000, 10, 6), { method: 'markov', order: 3 });
    expect(many.transitions).toHaveLength(1_000);
    expect(many.transitionsTotal).toBeGreaterThan(1_000);
    expect(many.transitions[0]!.count).toBeGreaterThanOrEqual(many.transitions[999]!.count);
  });

  it('leave each state as often as they enter it, at every order', () => {
    for (const order of [1, 2, 3, 4]) {
      const { transitions } = fitPaths(aggregatedPaths(80, 3, 5), { method: 'markov', order });
      const sums = new Map<string, number>();
      for (const { from, to, count } of transitions) {
        sums.set(from, (sums.get(from) ?? 0) - count);
        sums.set(to, (sums.get(to) ?? 0) + count);
      }
      for (const end of ['START', 'CONVERSION', 'NULL']) sums.delete(end);
      expect([...sums.values()].every((sum) => sum === 0)).toBe(true);
    }
  });
});
