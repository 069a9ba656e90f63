import { expect, it } from '@jest/globals';
import type { Pool } from '../../../db/pool.ts';
import { aProgram, LINEAR } from '../../support/ground.ts';
import { aPolicy } from '../../support/journeys.ts';
import { useTestPool } from '../../support/pool.ts';
import { vector } from '../../support/vector.ts';
import { StudyWorld } from './study-world.ts';

let pool: Pool;

useTestPool((opened) => (pool = opened));

const SALE = '2026-03-01T00:00:00Z';
const daysBefore = (days: number) => new Date(Date.parse(SALE) - days * 86_400_000).toISOString();

interface Case {
  name: string;
  policy: object;
  /** Days before the sale, and the channel. */
  path: [number, string][];
  minor: number;
  /** Smallest units by channel, not rounded. */
  expected: Record<string, number>;
}

const even = (path: string[]): [number, string][] => path.map((channel, index) => [path.length - index, channel]);
const sums = (path: string[], parts: number[]) => {
  const by: Record<string, number> = {};
  path.forEach((channel, index) => (by[channel] = (by[channel] ?? 0) + parts[index]!));
  return by;
};

function cases(): Case[] {
  const list: Case[] = [];
  for (const id of ['1-split-percent', '2-split-equal']) {
    const { value, touches, model, expected } = vector('attribution', id);
    const parts = (expected as number[]).map((part) => part * 100);
    list.push({ name: id, policy: { model }, path: even(touches), minor: value * 100, expected: sums(touches, parts) });
  }
  const ignored = vector('attribution', '3-ignored-channels');
  for (const { id, path, expected } of ignored.cases) {
    const whole = Object.fromEntries(
      Object.entries(expected).map(([channel, share]) => [channel, (share as number) * 10_000]),
    );
    list.push({
      name: id,
      policy: { model: ignored.model, exclusions: ignored.exclusions },
      path: even(path),
      minor: 10_000,
      expected: whole,
    });
  }
  for (const [index, { path, value, model, expected }] of vector('attribution', '6-position-two').cases.entries()) {
    const cents = Object.fromEntries(
      Object.entries(expected).map(([channel, part]) => [channel, (part as number) * 100]),
    );
    list.push({ name: `6 ${index}`, policy: { model }, path: even(path), minor: value * 100, expected: cents });
  }
  const five = vector('attribution', '7-five-touches');
  const models: [string, object][] = [
    ['first', { kind: 'first' }],
    ['last', { kind: 'last' }],
    ['linear', { kind: 'linear' }],
    ['position 40/20/40', { kind: 'position', first: 0.4, last: 0.4 }],
    ['time-decay P7D', { kind: 'time-decay', halfLife: 'P7D' }],
  ];
  for (const [name, model] of models) {
    const path = (five.touches as [number, string][]).map(
      ([day, channel]) => [five.conversionDay - day, channel] as [number, string],
    );
    const parts = (five.expected[name] as number[]).map((part) => part * 100);
    list.push({
      name: `7 ${name}`,
      policy: { model, lookback: { default: 'P60D' } },
      path,
      minor: 1_200_000,
      expected: sums(
        path.map(([, channel]) => channel),
        parts,
      ),
    });
  }
  const half = vector('attribution', '8-half-life');
  const path = (half.touchDays as number[]).map(
    (day, index) => [half.conversionDay - day, `c${index}`] as [number, string],
  );
  list.push({
    name: '8',
    policy: { model: half.model, lookback: { default: 'P28D' } },
    path,
    minor: 1_500_000,
    expected: sums(
      path.map(([, channel]) => channel),
      (half.expected as number[]).map((share) => share * 1_500_000),
    ),
  });
  return list;
}

it.each(cases())(
  'vector $name is what a re-evaluation studies in columns, and what the feed stores for it',
  async ({ policy, path, minor, expected }) => {
    const { programId } = await aProgram(pool, { policy: LINEAR });
    const world = new StudyWorld(pool, programId);
    await world.touch(
      ...path.map(([days, channel], index) => ({ id: `t${index}`, channel, occurredAt: daysBefore(days) })),
    );
    await world.sale('s', minor, SALE);
    await world.drain();
    await world.reevaluate(await world.draft(aPolicy(policy)));
    const stored = await world.credits('s');
    expect(Object.values(stored).reduce((sum, part) => sum + part, 0)).toBe(minor);
    const parts = Object.entries(expected).filter(([, part]) => part > 0);
    expect(Object.keys(stored).sort()).toEqual(parts.map(([channel]) => channel).sort());
    for (const [channel, part] of parts) expect(Math.abs(stored[channel]! - part)).toBeLessThanOrEqual(1);
  },
);
