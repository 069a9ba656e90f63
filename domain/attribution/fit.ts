import { invalid } from '../errors.ts';
import { assertAffordable, bootstrapIntervals } from './bootstrap.ts';
import type { Bootstrap, Interval } from './bootstrap.ts';
import { weighChain } from './markov/chain.ts';
import { creditChain, fitChain } from './markov/credits.ts';
import { chainShape } from './markov/shape.ts';
import type { TransitionList } from './markov/transitions.ts';
import { canonicalPaths } from './paths.ts';
import type { AggregatedPath, ChannelCredit } from './paths.ts';
import { shapleyCredits } from './shapley.ts';

/** What is fitted: the method, for a Markov chain its order (1 by default), and whether shares get intervals. */
export interface FitRequest {
  method: 'markov' | 'shapley';
  order?: number;
  bootstrap?: Bootstrap;
}

/** The answer of `POST /v1/attribution/fits`, but for the milliseconds that the caller measures. */
export interface Fit extends TransitionList {
  channels: (ChannelCredit & { interval?: Interval })[];
  /** Conversions / journeys. */
  conversionProbability: number;
  /** States of the chain; 0 for Shapley, which has none. */
  states: number;
}

/**
 * Fits a model to aggregated journeys. The same journeys in any order give the same bytes.
 * @throws DomainError `invalid`, also for a bootstrap that is too much work
 */
export function fitPaths(paths: readonly AggregatedPath[], { method, order, bootstrap }: FitRequest): Fit {
  if (method === 'shapley' && order !== undefined) throw invalid('order', 'Shapley values have no order.');
  const canonical = canonicalPaths(paths);
  const { fit, work } = method === 'markov' ? fitChain(canonical, order ?? 1) : { fit: shapleyFit(canonical), work: 0 };
  if (bootstrap === undefined) return fit;
  assertAffordable(canonical, work, bootstrap.samples);
  const intervals = bootstrapIntervals(canonical, bootstrap, refit(canonical, method, order ?? 1));
  return { ...fit, channels: fit.channels.map((item) => ({ ...item, interval: intervals.get(item.channel)! })) };
}

/** Fits other figures of the same paths; what does not depend on the figures is made once. */
function refit(
  paths: readonly AggregatedPath[],
  method: 'markov' | 'shapley',
  order: number,
): (resampled: readonly AggregatedPath[]) => ChannelCredit[] {
  if (method === 'shapley') return shapleyCredits;
  const shape = chainShape(paths, order);
  return (resampled) => creditChain(weighChain(shape, resampled), resampled).channels;
}

function shapleyFit(paths: readonly AggregatedPath[]): Fit {
  if (paths.length === 0) throw invalid('source', 'There are no journeys to fit.');
  const conversions = paths.reduce((sum, row) => sum + row.conversions, 0);
  const nulls = paths.reduce((sum, row) => sum + row.nulls, 0);
  return {
    channels: shapleyCredits(paths),
    conversionProbability: conversions / (conversions + nulls),
    states: 0,
    transitions: [],
    transitionsTotal: 0,
  };
}
