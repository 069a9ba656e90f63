import { DomainError, invalid } from '../errors.ts';
import type { AggregatedPath, ChannelCredit } from './paths.ts';
import type { Model } from './policy.ts';

/**
 * Proposes the `weights` model that a fit stands for: credit per touchpoint of each channel, scaled so that the mean is 1.
 * Fitted weights are frozen into the policy version.
 * @throws DomainError `invalid` when a weight is negative or there is nothing to weigh
 */
export function proposeWeights(credits: readonly ChannelCredit[], paths: readonly AggregatedPath[]): Model {
  const touches = new Map<string, number>();
  for (const { path, conversions } of paths) {
    for (const channel of path) touches.set(channel, (touches.get(channel) ?? 0) + conversions);
  }
  const raw = credits
    .filter(({ channel }) => (touches.get(channel) ?? 0) > 0)
    .map(({ channel, conversions }): [string, number] => [channel, conversions / touches.get(channel)!]);
  const mean = raw.reduce((sum, [, weight]) => sum + weight, 0) / raw.length;
  if (!(mean > 0)) throw invalid('source', 'No journey converted, so there are no weights to propose.');
  for (const [channel, weight] of raw) {
    if (weight < 0)
      throw new DomainError('invalid', `The fitted weight of "${channel}" is negative; it is not floored.`);
  }
  const weights = raw.map(([channel, weight]): [string, number] => [channel, Number((weight / mean).toFixed(6))]);
  return { kind: 'weights', weights: Object.fromEntries(weights) };
}
