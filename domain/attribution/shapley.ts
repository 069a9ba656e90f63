import { canonicalPaths, rankChannels } from './paths.ts';
import type { AggregatedPath, ChannelCredit } from './paths.ts';

/**
 * Shapley values of v(S) = conversions of the journeys whose channels all lie in S. For this game they are exactly an even split of
 * each journey over its distinct channels (attribution.md §5), so one pass suffices for any number of channels.
 */
export function shapleyCredits(paths: readonly AggregatedPath[]): ChannelCredit[] {
  const credits = new Map<string, { channel: string; conversions: number; value: number }>();
  for (const { path, conversions, value } of canonicalPaths(paths)) {
    const channels = new Set(path);
    for (const channel of channels) {
      const credit = credits.get(channel) ?? { channel, conversions: 0, value: 0 };
      credit.conversions += conversions / channels.size;
      credit.value += value / channels.size;
      credits.set(channel, credit);
    }
  }
  return rankChannels(credits.values());
}
