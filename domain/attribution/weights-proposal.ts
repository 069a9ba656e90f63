import { DomainError, invalid } from '../errors.ts';
import type { AggregatedPath, ChannelCredit } from './paths.ts';
import { LEAST_DECIMAL } from './policy-decimal.ts';
import type { Model } from './policy.ts';

/** A model, and the channels whose fitted weight is less than a policy can say. */
export interface WeightsProposal {
  model: Model;
  raised: string[];
}

/**
 * Proposes the `weights` model that a fit stands for: credit per touchpoint of each channel, scaled so that the mean is 1, to the nine places that
 * policies are read to. Fitted weights are frozen into the policy version.
 *
 * Every channel that is weighed here was touched before a conversion, so its weight is more than nothing, and 0 would keep it from all credit,
 * also where it is alone: what is less than the least decimal is raised to it.
 * @throws DomainError `invalid` when a weight is negative or there is nothing to weigh
 */
export function proposeWeights(credits: readonly ChannelCredit[], paths: readonly AggregatedPath[]): WeightsProposal {
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
  const scaled = raw.map(([channel, weight]): [string, number] => [channel, weight / mean]);
  const weights = scaled.map(([channel, weight]) => [channel, Number(Math.max(weight, LEAST_DECIMAL).toFixed(9))]);
  return {
    model: { kind: 'weights', weights: Object.fromEntries(weights) as Record<string, number> },
    raised: scaled.flatMap(([channel, weight]) => (weight < LEAST_DECIMAL ? [channel] : [])),
  };
}
