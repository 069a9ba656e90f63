import { seededChance } from '../../domain/attribution/chance.ts';
import type { AggregatedPath } from '../../domain/attribution/paths.ts';

/** A row of a path written `a > b`; its value is its conversions unless said otherwise. */
export function aPathRow(path: string, conversions: number, nulls = 0, value = conversions): AggregatedPath {
  return { path: path.split(' > '), conversions, nulls, value };
}

/** Rows of random paths, the same on every run; shorter paths meet more than once. */
export function aggregatedPaths(count: number, channels: number, longest: number): AggregatedPath[] {
  const chance = seededChance(20_261_124);
  const next = (most: number) => Math.floor(chance() * most);
  return Array.from({ length: count }, () => {
    const path = Array.from({ length: 1 + next(longest) }, () => `c${next(channels)}`);
    const [conversions, nulls, value] = [next(5), 1 + next(20), next(1_000)];
    return { path, conversions, nulls, value: conversions === 0 ? 0 : value };
  });
}
