/** The weight of each touchpoint's channel; a channel that is not named weighs 0. */
export function channelWeights(channels: readonly string[], weights: Record<string, number>): number[] {
  return channels.map((channel) => (Object.hasOwn(weights, channel) ? (weights[channel] ?? 0) : 0));
}
