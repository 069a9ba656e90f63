import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { weighChain } from '../../../domain/attribution/markov/chain.ts';
import { markovFit } from '../../../domain/attribution/markov/credits.ts';
import { eachEntries } from '../../../domain/attribution/markov/halves.ts';
import { lossesOf } from '../../../domain/attribution/markov/removal.ts';
import { chainShape } from '../../../domain/attribution/markov/shape.ts';
import { solveChain } from '../../../domain/attribution/markov/solve.ts';
import { canonicalPaths } from '../../../domain/attribution/paths.ts';
import type { AggregatedPath } from '../../../domain/attribution/paths.ts';
import { aPathRow as row } from '../../support/aggregated-paths.ts';
import { denseMarkov } from '../../support/dense-chain.ts';

/** Two channels that sell, and many that a page made up: half lead nowhere, half come before one that sells. */
const madeUp = (many: number) => [
  row('a > b', 10, 5),
  row('b > a > b', 3, 4),
  ...Array.from({ length: many }, (_, n) => (n % 2 ? row(`x${n}`, 0, 1) : row(`x${n} > a`, 0, 1))),
];

/** The same in circles: each stands between two visits of channels that sell. */
const inCircles = (many: number) => [
  ...madeUp(0),
  ...Array.from({ length: many }, (_, n) => row(`a > x${n} > a > b`, n % 3 ? 0 : 1, 1)),
];

const seconds = (work: () => void) => {
  const started = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1_000_000;
};

const chainOf = (paths: readonly AggregatedPath[], order: number) => {
  const canonical = canonicalPaths(paths);
  const chain = weighChain(chainShape(canonical, order), canonical);
  return { chain, whole: solveChain(chain, () => true) };
};

/** Journeys of a few steps over channels that are met more than once, hardly ever or always, some twice in a row. */
const journeys = (channels: number, longest: number) =>
  fc
    .array(
      fc.record({
        path: fc.array(
          fc.oneof(fc.nat(2), fc.nat(channels - 1)).map((n) => `c${n}`),
          { minLength: 1, maxLength: longest },
        ),
        conversions: fc.nat(3),
        nulls: fc.nat(5),
        value: fc.nat(1_000),
      }),
      { minLength: 2, maxLength: 90 },
    )
    .map((paths) => paths.filter(({ conversions, nulls }) => conversions + nulls > 0))
    .map((paths) => paths.map((path) => (path.conversions > 0 ? path : { ...path, value: 0 })))
    .filter((paths) => paths.some(({ conversions }) => conversions > 0));

it.each([1, 2, 3, 4])('many channels with one journey each cost one solve and not one each, at order %i', (order) => {
  const paths = madeUp(2_000);
  expect(seconds(() => expect(markovFit(paths, order).channels).toHaveLength(2_002))).toBeLessThan(3);
});

it.each([1, 2, 3, 4])('many channels in circles cost a few eliminations and not one each, at order %i', (order) => {
  const paths = inCircles(4_000);
  expect(seconds(() => expect(markovFit(paths, order).channels).toHaveLength(4_002))).toBeLessThan(6);
});

it.each([1, 2, 3, 4])('their removal effects are those of a dense solve, at order %i', (order) => {
  const fit = markovFit(madeUp(20), order);
  const { effects } = denseMarkov(madeUp(20), order);
  for (const { channel, removalEffect } of fit.channels) {
    expect(Math.abs(removalEffect! - effects.get(channel)!)).toBeLessThan(1e-9);
  }
  expect(fit.channels.find(({ channel }) => channel === 'x1')!.removalEffect).toBe(0);
});

it.each([1, 2, 3, 4])('whether few or many meet, effects are those of a dense solve, at order %i', (order) => {
  fc.assert(
    fc.property(journeys(30, 4), (paths) => {
      const { effects } = denseMarkov(paths, order);
      for (const { channel, removalEffect } of markovFit(paths, order).channels) {
        expect(Math.abs(removalEffect! - effects.get(channel)!)).toBeLessThan(1e-9);
      }
    }),
    { numRuns: 25 },
  );
});

it.each([1, 2, 3, 4])(
  'elimination by halves loses what a dense solve loses without each channel, at order %i',
  (order) => {
    fc.assert(
      fc.property(journeys(60, 5), (paths) => {
        const { chain, whole } = chainOf(paths, order);
        const { effects, valueEffects } = denseMarkov(paths, order);
        const groups = chain.channels.map((_, channel) =>
          [...chain.contains.keys()].filter((state) => chain.contains[state]!.includes(channel)),
        );
        const seen = new Set<string>();
        const work = eachEntries(chain, groups, 1e12, (group, { states, start }) => {
          const channel = chain.channels[group]!;
          const lost = (from: Float64Array) => states.reduce((sum, state, at) => sum + start[at]! * from[state]!, 0);
          seen.add(channel);
          expect([...states].sort((a, b) => a - b)).toEqual(groups[group]);
          expect(Math.abs(lost(whole.conversions) / whole.conversion - effects.get(channel)!)).toBeLessThan(1e-9);
          if (whole.value === 0) return;
          expect(Math.abs(lost(whole.values) / whole.value - valueEffects.get(channel)!)).toBeLessThan(1e-9);
        });
        expect(work).toBeGreaterThan(0);
        expect(seen.size).toBe(chain.channels.length);
      }),
      { numRuns: 25 },
    );
  },
);

it('each way to remove many channels in circles finds the same', () => {
  const { chain, whole } = chainOf(inCircles(300), 1);
  // Told that a solve is much work, they are removed by halves.
  const byHalves = lossesOf(chain, { ...whole, work: 1e8 }, 1e12).losses;
  const eachInTurn = lossesOf(chain, { ...whole, work: 1 }, 1e12).losses;
  expect(byHalves).not.toEqual(eachInTurn);
  byHalves.forEach((loss, channel) => {
    expect(Math.abs(loss.conversion - eachInTurn[channel]!.conversion)).toBeLessThan(1e-11);
    expect(Math.abs(loss.value - eachInTurn[channel]!.value)).toBeLessThan(1e-9);
  });
});

it('what takes too long is refused, with the number of channels and how many can be had', () => {
  const { chain, whole } = chainOf(inCircles(20_000), 1);
  const began = performance.now();
  expect(() => lossesOf(chain, whole, whole.work * 51)).toThrow(
    /come back to 20002 channels in a chain of 20002 states.*at most 50 channels/,
  );
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(eachEntries(chain, [[0], [1]], 1_000, () => expect('given').toBe('not given'))).toBeNull();
});
