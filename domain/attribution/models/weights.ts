import { nano } from '../nano.ts';

/** The weight of each touchpoint's channel; a channel that is not named weighs 0. */
export function channelWeights(channels: readonly string[], weights: Record<string, number>): bigint[] {
  return channels.map((channel) => (Object.hasOwn(weights, channel) ? nano(weights[channel] ?? 0) : 0n));
}
