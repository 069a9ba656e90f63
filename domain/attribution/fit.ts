import { invalid } from '../errors.ts';
import { markovFit } from './markov/credits.ts';
import type { AggregatedPath, ChannelCredit } from './paths.ts';
import { canonicalPaths } from './paths.ts';
import { shapleyCredits } from './shapley.ts';

/** The answer of `POST /v1/attribution/fits`, but for the milliseconds that the caller measures. */
export interface Fit {
  channels: ChannelCredit[];
  /** Conversions / journeys. */
  conversionProbability: number;
  /** States of the chain; 0 for Shapley, which has none. */
  states: number;
}

/**
 * Fits a model to aggregated journeys. The same journeys in any order give the same bytes.
 * @param order of the Markov chain, 1 when it is not given; refused for Shapley
 * @throws DomainError `invalid`
 */
export function fitPaths(paths: readonly AggregatedPath[], method: 'markov' | 'shapley', order?: number): Fit {
  if (method === 'markov') return markovFit(paths, order ?? 1);
  if (order !== undefined) throw invalid('order', 'Shapley values have no order.');
  const canonical = canonicalPaths(paths);
  if (canonical.length === 0) throw invalid('source', 'There are no journeys to fit.');
  const conversions = canonical.reduce((sum, row) => sum + row.conversions, 0);
  const nulls = canonical.reduce((sum, row) => sum + row.nulls, 0);
  return { channels: shapleyCredits(canonical), conversionProbability: conversions / (conversions + nulls), states: 0 };
}
