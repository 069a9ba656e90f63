import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fitPaths } from '../../../domain/attribution/fit.ts';
import { weighChain } from '../../../domain/attribution/markov/chain.ts';
import { componentsOf } from '../../../domain/attribution/markov/components.ts';
import { markovFit } from '../../../domain/attribution/markov/credits.ts';
import type { MarkovFit } from '../../../domain/attribution/markov/credits.ts';
import { chainShape } from '../../../domain/attribution/markov/shape.ts';
import { canonicalPaths } from '../../../domain/attribution/paths.ts';
import type { AggregatedPath } from '../../../domain/attribution/paths.ts';
import { readPolicy } from '../../../domain/attribution/policy-document.ts';
import { shapleyCredits } from '../../../domain/attribution/shapley.ts';
import { proposeWeights } from '../../../domain/attribution/weights-proposal.ts';
import { aggregatedPaths as manyPaths, aPathRow as row } from '../../support/aggregated-paths.ts';
import { denseMarkov } from '../../support/dense-chain.ts';
import { vector } from '../../support/vector.ts';

const sumOf = (list: readonly { conversions: number; value: number }[], field: 'conversions' | 'value') =>
  list.reduce((all, item) => all + item[field], 0);

/** Removal effects, and the value that each channel gets, as a dense solve has them, to 1e-9 of the whole. */
function expectDense(fit: MarkovFit, dense: ReturnType<typeof denseMarkov>, paths: readonly AggregatedPath[]): void {
  const value = sumOf(paths, 'value');
  const effects = [...dense.valueEffects.values()].reduce((all, effect) => all + effect, 0);
  for (const { channel, removalEffect, value: given } of fit.channels) {
    expect(Math.abs(removalEffect! - dense.effects.get(channel)!)).toBeLessThan(1e-9);
    if (value === 0) expect(given).toBe(0);
    else expect(Math.abs(given / value - dense.valueEffects.get(channel)! / effects)).toBeLessThan(1e-9);
  }
}

const somePaths = (channels: number, longest: number) =>
  fc
    .array(
      fc.record({
        path: fc.array(
          fc.integer({ min: 0, max: channels - 1 }).map((n) => `c${n}`),
          { minLength: 1, maxLength: longest },
        ),
        conversions: fc.nat(20),
        nulls: fc.nat(20),
        value: fc.nat(1_000),
      }),
      { minLength: 1, maxLength: 25 },
    )
    .map((paths) => paths.map((path) => (path.conversions > 0 ? path : { ...path, value: 0 })))
    .filter((paths) => paths.some(({ conversions }) => conversions > 0));

describe('Markov fits', () => {
  it('give the removal effects of the public example', () => {
    const { paths, order, expected } = vector('attribution', '4-removal-effect');
    const fit = markovFit(
      (paths as [string, number, number][]).map(([path, conversions, nulls]) => row(path, conversions, nulls)),
      order,
    );
    expect(fit.conversionProbability).toBeCloseTo(expected.conversionProbability, 12);
    for (const { channel, removalEffect, conversions } of fit.channels) {
      expect(removalEffect).toBeCloseTo(expected.removalEffect[channel], 12);
      expect(conversions).toBeCloseTo(expected.conversions[channel], 12);
    }
  });

  it.each([1, 2, 3, 4])('of order %i equal a dense solve with channels removed by brute force', (order) => {
    fc.assert(
      fc.property(somePaths(5, 9), (paths) => {
        const fit = markovFit(paths, order);
        const dense = denseMarkov(
          paths.filter(({ conversions, nulls }) => conversions + nulls > 0),
          order,
        );
        expect(Math.abs(fit.conversionProbability - dense.probability)).toBeLessThan(1e-9);
        expectDense(fit, dense, paths);
      }),
      { numRuns: 60 },
    );
  });

  it('convert with conversions / (conversions + nulls) at every order', () => {
    fc.assert(
      fc.property(somePaths(4, 7), (paths) => {
        const conversions = paths.reduce((sum, path) => sum + path.conversions, 0);
        const nulls = paths.reduce((sum, path) => sum + path.nulls, 0);
        for (const order of [1, 2, 3, 4]) {
          const { conversionProbability } = markovFit(paths, order);
          expect(Math.abs(conversionProbability - conversions / (conversions + nulls))).toBeLessThan(1e-9);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('split value by the mean value of the state that each journey ends in', () => {
    const values = (paths: AggregatedPath[], order: number) =>
      Object.fromEntries(markovFit(paths, order).channels.map(({ channel, value }) => [channel, value]));
    // By hand: who converts as often but for more, gets more. Without a a journey brings 22.5 of 25, without b 2.5.
    const apart = [row('a', 1, 1, 10), row('b', 1, 1, 90)];
    expect(values(apart, 1)).toEqual({ a: expect.closeTo(10, 10), b: expect.closeTo(90, 10) });
    // Both end in b, so each is worth 60: without a half of that is left, without b nothing.
    const together = [row('a > b', 1, 0, 30), row('b', 1, 0, 90)];
    expect(values(together, 1)).toEqual({ a: expect.closeTo(40, 10), b: expect.closeTo(80, 10) });
    // At order 2 they end in different states, (a, b) for 30 and (b) for 90: without a 45 of 60 is left.
    expect(values(together, 2)).toEqual({ a: expect.closeTo(24, 10), b: expect.closeTo(96, 10) });
  });

  it('solve large components by sweeps as exactly as a dense solve', () => {
    const paths = manyPaths(400, 7, 8);
    const chain = weighChain(chainShape(canonicalPaths(paths), 3), canonicalPaths(paths));
    expect(Math.max(...componentsOf(chain, () => true).map(({ length }) => length))).toBeGreaterThan(100);
    const fit = markovFit(paths, 3);
    expectDense(fit, denseMarkov(paths, 3), paths);
  });

  it('solve circles that are hardly ever left', () => {
    const circle = Array.from({ length: 1_000 }, (_, index) => (index % 2 === 0 ? 'a' : 'b'));
    const fit = markovFit([{ path: circle, conversions: 1, nulls: 3, value: 1 }, row('c', 1, 1)], 1);
    expect(fit.conversionProbability).toBeCloseTo(2 / 6, 12);
    const wide = Array.from({ length: 1_000 }, (_, index) => `c${index % 50}`);
    expect(markovFit([{ path: wide, conversions: 1, nulls: 4, value: 1 }], 1).conversionProbability).toBeCloseTo(
      0.2,
      10,
    );
  });

  it('conserve conversions and value, and do not depend on the order of rows', () => {
    fc.assert(
      fc.property(somePaths(4, 6), fc.integer({ min: 1, max: 4 }), (paths, order) => {
        const fit = markovFit(paths, order);
        for (const field of ['conversions', 'value'] as const) {
          expect(sumOf(fit.channels, field)).toBeCloseTo(sumOf(paths, field), 6);
        }
        expect(JSON.stringify(markovFit(paths.toReversed(), order))).toBe(JSON.stringify(fit));
      }),
    );
  });

  it('add figures of one path to the same bytes in any order', () => {
    const rows = [0.3, 0.1, 0.7, 0.2, 0.4].map((value) => ({ ...row('a > b', 1), value }));
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: 5 }), (shuffled) => {
        expect(canonicalPaths(shuffled)).toEqual(canonicalPaths(rows));
      }),
    );
  });

  it('refuse what cannot be fitted', () => {
    expect(() => markovFit([], 1)).toThrow(/no journeys/);
    expect(() => markovFit([row('a', 1)], 5)).toThrow(/1 to 4/);
    expect(() => markovFit([{ path: [], conversions: 1, nulls: 0, value: 0 }], 1)).toThrow(/at least one channel/);
    expect(() => markovFit([row('a', -1)], 1)).toThrow(/not negative/);
    const onlyValue = expect.objectContaining({
      details: { errors: [expect.objectContaining({ path: 'paths.1.value' })] },
    });
    for (const fit of [shapleyCredits, (paths: AggregatedPath[]) => markovFit(paths, 1)])
      expect(() => fit([row('a', 1), row('a', 0, 5, 0.01), row('b', 0, 0, 1)])).toThrow(onlyValue);
    expect(markovFit([row('a', 0, 5)], 1)).toMatchObject({
      conversionProbability: 0,
      channels: [{ conversions: 0, share: 0 }],
    });
  });

  // The dense matrix grows with the cube of the states, so higher orders have fewer channels.
  it.each([
    [1, 20],
    [2, 10],
    [3, 6],
  ])('of order %i over 10,000 paths of %i channels equal a dense solve', (order, channels) => {
    const paths = canonicalPaths(manyPaths(18_000, channels, 9));
    expect(paths.length).toBeGreaterThan(10_000);
    expectDense(markovFit(paths, order), denseMarkov(paths, order), paths);
  });

  it('of order 1 to 3 over 10,000 paths take seconds of one core at most', () => {
    const paths = manyPaths(14_800, 20, 8);
    expect(canonicalPaths(paths).length).toBeGreaterThan(10_000);
    for (const order of [1, 2, 3]) {
      const began = process.cpuUsage();
      markovFit(paths, order);
      const { user, system } = process.cpuUsage(began);
      // `tsx bench/markov.ts` holds the goal of 0.5 s; jest takes a few times as long for the same arithmetic.
      expect((user + system) / 1_000).toBeLessThan(3_000);
    }
  });
});

describe('Shapley values', () => {
  it.each(
    vector('attribution', '5-shapley').cases as { paths: [string, number][]; expected: Record<string, number> }[],
  )('split into $expected', ({ paths, expected }) => {
    const credits = shapleyCredits(paths.map(([path, conversions]) => row(path, conversions)));
    expect(Object.fromEntries(credits.map(({ channel, conversions }) => [channel, conversions]))).toEqual(expected);
  });

  it('equal the definition over all coalitions, up to eight channels', () => {
    fc.assert(
      fc.property(somePaths(8, 8), (paths) => {
        const byDefinition = shapleyByDefinition(paths);
        for (const { channel, conversions } of shapleyCredits(paths))
          expect(conversions).toBeCloseTo(byDefinition.get(channel)!, 8);
      }),
      { numRuns: 40 },
    );
  });

  it('have no order', () => {
    expect(() => fitPaths([row('a', 1)], { method: 'shapley', order: 2 })).toThrow(/no order/);
    expect(fitPaths([row('a > b', 1, 3)], { method: 'shapley' })).toMatchObject({
      conversionProbability: 0.25,
      states: 0,
    });
  });
});

describe('a fit', () => {
  it('proposes weights whose mean is 1', () => {
    const proposal = proposeWeights(shapleyCredits([row('a > b', 10), row('a', 10)]), [row('a > b', 10), row('a', 10)]);
    expect(proposal).toEqual({ model: { kind: 'weights', weights: { a: 1.2, b: 0.8 } }, raised: [] });
    expect(() => proposeWeights([], [])).toThrow(/no weights/);
  });

  it('proposes a weight that is small as it is, and raises one that a policy cannot say', () => {
    const credits = [
      { channel: 'a', conversions: 1_000_000 },
      { channel: 'b', conversions: 0.2 },
      { channel: 'c', conversions: 1e-6 },
    ].map((credit) => ({ ...credit, value: 0, share: 0 }));
    const paths = ['a', 'b', 'c'].map((channel) => row(channel, 1_000_000));
    const { model, raised } = proposeWeights(credits, paths);
    expect(model).toEqual({ kind: 'weights', weights: { a: 2.9999994, b: 0.0000006, c: 0.000000001 } });
    expect(raised).toEqual(['c']);
    expect(readPolicy({ name: 'Fitted', model }).model).toEqual(model);
  });
});

function shapleyByDefinition(paths: readonly AggregatedPath[]): Map<string, number> {
  const channels = [...new Set(canonicalPaths(paths).flatMap(({ path }) => path))];
  const sets = canonicalPaths(paths).map(({ path, conversions }) => ({
    bits: [...new Set(path)].reduce((all, channel) => all | (1 << channels.indexOf(channel)), 0),
    conversions,
  }));
  const worth = (coalition: number) =>
    sets.reduce((sum, { bits, conversions }) => ((bits & ~coalition) === 0 ? sum + conversions : sum), 0);
  const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
  const n = channels.length;
  return new Map(
    channels.map((channel, index) => {
      let value = 0;
      for (let coalition = 0; coalition < 1 << n; coalition += 1) {
        if (coalition & (1 << index)) continue;
        const size = coalition.toString(2).replaceAll('0', '').length;
        value +=
          ((factorial(size) * factorial(n - size - 1)) / factorial(n)) *
          (worth(coalition | (1 << index)) - worth(coalition));
      }
      return [channel, value];
    }),
  );
}
