import { expect, it } from '@jest/globals';
import { markovFit } from '../../../domain/attribution/markov/credits.ts';
import { aPathRow as row } from '../../support/aggregated-paths.ts';
import { denseMarkov } from '../../support/dense-chain.ts';

/** Two channels that sell, and many that a page made up: half lead nowhere, half come before one that sells. */
const madeUp = (many: number) => [
  row('a > b', 10, 5),
  row('b > a > b', 3, 4),
  ...Array.from({ length: many }, (_, n) => (n % 2 ? row(`x${n}`, 0, 1) : row(`x${n} > a`, 0, 1))),
];

it.each([1, 2, 3, 4])('many channels with one journey each cost one solve and not one each, at order %i', (order) => {
  const started = process.cpuUsage();
  const fit = markovFit(madeUp(2_000), order);
  const { user, system } = process.cpuUsage(started);
  expect(fit.channels).toHaveLength(2_002);
  expect((user + system) / 1_000_000).toBeLessThan(3);
});

it.each([1, 2, 3, 4])('their removal effects are those of a dense solve, at order %i', (order) => {
  const fit = markovFit(madeUp(20), order);
  const { effects } = denseMarkov(madeUp(20), order);
  for (const { channel, removalEffect } of fit.channels) {
    expect(Math.abs(removalEffect! - effects.get(channel)!)).toBeLessThan(1e-9);
  }
  expect(fit.channels.find(({ channel }) => channel === 'x1')!.removalEffect).toBe(0);
});
