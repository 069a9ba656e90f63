import { invalid } from '../errors.ts';
import { drawBinomial } from './binomial.ts';
import { seededChance } from './chance.ts';
import { compareText } from './journey.ts';
import type { AggregatedPath, ChannelCredit } from './paths.ts';

/** How often the journeys are drawn again, and from which seed. */
export interface Bootstrap {
  samples: number;
  seed: number;
}

/** Where the share of a channel lies in 95 of 100 samples. */
export interface Interval {
  low: number;
  high: number;
}

const TAIL = 0.025;

/**
 * Intervals of shares: as many journeys as there are are drawn again from them (with what became of each), fitted, and the 2.5 % and
 * 97.5 % quantiles of each channel's share taken, with interpolation. The same journeys and the same seed give the same bytes.
 * @param paths canonical
 * @param shares what a fit of these paths with other figures gives each channel
 * @throws DomainError `invalid` for figures that are no whole journeys
 */
export function bootstrapIntervals(
  paths: readonly AggregatedPath[],
  { samples, seed }: Bootstrap,
  shares: (resampled: readonly AggregatedPath[]) => readonly Pick<ChannelCredit, 'channel' | 'share'>[],
): Map<string, Interval> {
  if (paths.some(({ conversions, nulls }) => !Number.isSafeInteger(conversions) || !Number.isSafeInteger(nulls))) {
    throw invalid('bootstrap', 'Only whole journeys can be drawn again; these paths hold parts of some.');
  }
  const chance = seededChance(seed);
  const drawn = new Map<string, Float64Array>();
  for (const { path } of paths) for (const channel of path) drawn.set(channel, new Float64Array(samples));
  for (let sample = 0; sample < samples; sample += 1) {
    for (const { channel, share } of shares(resample(paths, chance))) drawn.get(channel)![sample] = share;
  }
  return new Map(
    [...drawn]
      .sort(([a], [b]) => compareText(a, b))
      .map(([channel, list]) => {
        list.sort();
        return [channel, { low: quantile(list, TAIL), high: quantile(list, 1 - TAIL) }];
      }),
  );
}

/** About a quarter of a minute of one core, in multiply-adds. */
const MOST_WORK = 15_000_000_000;
/** What it takes to draw and weigh a step of a path. */
const STEP_WORK = 250;

/**
 * Refuses a bootstrap that would keep a core busy for long: drawing goes through each step of each path, and each drawing is fitted anew.
 * @param fitWork of one fit, in multiply-adds
 * @throws DomainError `invalid` saying how many samples can be had
 */
export function assertAffordable(paths: readonly AggregatedPath[], fitWork: number, samples: number): void {
  const steps = paths.reduce((sum, { path }) => sum + path.length, 0);
  const most = Math.floor(MOST_WORK / (steps * STEP_WORK + fitWork));
  if (samples <= most) return;
  throw invalid(
    'bootstrap.samples',
    most === 0
      ? 'These journeys are too many and too different to be fitted again and again; choose a lower order or a shorter range.'
      : `Of these journeys at most ${most} samples can be fitted; ask for fewer, for a lower order, or for a shorter range.`,
  );
}

/** A multinomial draw: each outcome of each path in turn, binomially among the journeys that are left. */
function resample(paths: readonly AggregatedPath[], chance: () => number): AggregatedPath[] {
  let left = paths.reduce((sum, { conversions, nulls }) => sum + conversions + nulls, 0);
  let mass = left;
  const draw = (count: number) => {
    const hits = count === 0 ? 0 : drawBinomial(left, count / mass, chance);
    left -= hits;
    mass -= count;
    return hits;
  };
  return paths.map(({ path, conversions, nulls, value }) => {
    const converted = draw(conversions);
    return {
      path,
      conversions: converted,
      value: conversions === 0 ? 0 : (value / conversions) * converted,
      nulls: draw(nulls),
    };
  });
}

/** Of an ascending list, between the two values around the place. */
function quantile(ascending: Float64Array, part: number): number {
  const place = (ascending.length - 1) * part;
  const below = Math.floor(place);
  const [low, high] = [ascending[below]!, ascending[Math.min(below + 1, ascending.length - 1)]!];
  return low + (high - low) * (place - below);
}
