import { DomainError, invalid } from '../../errors.ts';
import { canonicalPaths, rankChannels } from '../paths.ts';
import type { AggregatedPath, ChannelCredit } from '../paths.ts';
import { weighChain } from './chain.ts';
import type { Chain } from './chain.ts';
import { lossesOf } from './removal.ts';
import { chainShape } from './shape.ts';
import { solveChain } from './solve.ts';
import { listTransitions } from './transitions.ts';
import type { TransitionList } from './transitions.ts';

export interface MarkovFit extends TransitionList {
  channels: ChannelCredit[];
  conversionProbability: number;
  /** Without START, conversion and null. */
  states: number;
}

const MOST_ORDER = 4;
const MOST_TRANSITIONS = 1_000;
const PROBABILITY_PRECISION = 1e-9;

/**
 * Fits a Markov chain of order 1–4 and credits channels by removal effect: every state that contains a channel becomes a null, and
 * RE = 1 − P without / P; credit = RE / ΣRE × conversions, value likewise by expected value (attribution.md §5). The 1,000 most
 * frequent transitions come with it.
 * @throws DomainError `invalid` for another order or paths that hold nothing, `internal` if P is not conversions / journeys
 */
export function markovFit(paths: readonly AggregatedPath[], order: number): MarkovFit {
  return fitChain(canonicalPaths(paths), order).fit;
}

/** `markovFit` of paths that are canonical already, and the work that its credits took, in multiply-adds. */
export function fitChain(canonical: readonly AggregatedPath[], order: number): { fit: MarkovFit; work: number } {
  if (!Number.isInteger(order) || order < 1 || order > MOST_ORDER) throw invalid('order', 'Give an order from 1 to 4.');
  if (canonical.length === 0) throw invalid('source', 'There are no journeys to fit.');
  const chain = weighChain(chainShape(canonical, order), canonical);
  const { work, ...credits } = creditChain(chain, canonical);
  return { fit: { ...credits, states: chain.states, ...listTransitions(chain, MOST_TRANSITIONS) }, work };
}

/**
 * The credits of a weighed chain, and the work that they took, in multiply-adds.
 * @param paths whose figures it was weighed by
 * @throws DomainError `internal` if P is not conversions / journeys
 */
export function creditChain(
  chain: Chain,
  paths: readonly AggregatedPath[],
): Pick<MarkovFit, 'channels' | 'conversionProbability'> & { work: number } {
  const whole = solveChain(chain, () => true);
  const totals = sumUp(paths);
  assertProbability(whole.conversion, totals);
  const { losses, work } = lossesOf(chain, whole);
  const effects = losses.map((loss) => ({
    conversions: effect(loss.conversion, whole.conversion),
    value: effect(loss.value, whole.value),
  }));
  const sum = (field: 'conversions' | 'value') => effects.reduce((all, item) => all + item[field], 0);
  const [allConversions, allValue] = [sum('conversions'), sum('value')];
  const credits = effects.map(({ conversions, value }, channel) => ({
    channel: chain.channels[channel]!,
    removalEffect: conversions,
    conversions: allConversions === 0 ? 0 : (conversions / allConversions) * totals.conversions,
    value: allValue === 0 ? 0 : (value / allValue) * totals.value,
  }));
  return { channels: rankChannels(credits), conversionProbability: whole.conversion, work: whole.work + work };
}

/** The part of the whole that is lost; noise below none and above all is cut off. */
function effect(loss: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(1, Math.max(0, loss / whole));
}

function sumUp(paths: readonly AggregatedPath[]): { conversions: number; value: number; journeys: number } {
  return paths.reduce(
    (sum, { conversions, value, nulls }) => ({
      conversions: sum.conversions + conversions,
      value: sum.value + value,
      journeys: sum.journeys + conversions + nulls,
    }),
    { conversions: 0, value: 0, journeys: 0 },
  );
}

/** Flow is conserved, so at every order the chain converts exactly as often as its journeys did. */
function assertProbability(
  probability: number,
  { conversions, journeys }: { conversions: number; journeys: number },
): void {
  if (Math.abs(probability - conversions / journeys) > PROBABILITY_PRECISION) {
    throw new DomainError(
      'internal',
      `The chain converts with ${probability}, its journeys with ${conversions / journeys}.`,
    );
  }
}
