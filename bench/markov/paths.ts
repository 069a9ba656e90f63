import { seededChance } from '../../domain/attribution/chance.ts';
import type { AggregatedPath } from '../../domain/attribution/paths.ts';

const LONGEST = 8;

/** Whether there are so many different paths, and enough of them to be met by chance. */
export function hasPaths(count: number, channels: number): boolean {
  return channels ** LONGEST >= 2 * count;
}

/** So many different paths of one to eight steps over so many channels, the same on every run. */
export function somePaths(count: number, channels: number): AggregatedPath[] {
  if (!hasPaths(count, channels)) throw new Error(`There are not ${count} different paths of ${channels} channels.`);
  const chance = seededChance(20_261_128);
  const below = (most: number) => Math.floor(chance() * most);
  const paths = new Map<string, AggregatedPath>();
  while (paths.size < count) {
    const path = Array.from({ length: 1 + below(LONGEST) }, () => `channel_${below(channels)}`);
    const [conversions, nulls, each] = [below(5), 1 + below(20), 1 + below(200)];
    paths.set(path.join(), { path, conversions, nulls, value: conversions * each });
  }
  return [...paths.values()];
}
