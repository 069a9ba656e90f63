import { PairCounts } from './journey-pairs.ts';
import type { PairCount } from './journey-pairs.ts';
import { PlaceCounts } from './journey-places.ts';
import type { Places } from './journey-places.ts';
import { mostOf } from './most-of.ts';

/** A path shows so many steps; a longer one is cut. */
const LONGEST_PATH = 20;
/** The last length stands for all that are as long or longer. */
const MOST_LENGTH = 20;
/** Upper bounds of the buckets of time, seconds; what is longer is in one more. */
export const TIME_BOUNDS_S = [3_600, 86_400, 3 * 86_400, 7 * 86_400, 14 * 86_400];
const MICROS = 1_000_000;
/** Of a partner where nobody stood behind a touchpoint. */
export const NOBODY = -1;

/** A path of channels, oldest first, by their numbers. */
export interface TalliedPath {
  path: number[];
  isCut: boolean;
  journeys: number;
}

/** How long journeys are and how long they take. */
export interface TalliedLengths {
  lengths: { touchpoints: number; journeys: number }[];
  time: { medianSeconds: number; p90Seconds: number } | null;
  /** Places in `TIME_BOUNDS_S`: 0 is below the first bound. */
  times: { bucket: number; journeys: number }[];
}

/** How often a channel or a partner stood where, by its number. */
export type TalliedPlaces = Places & { number: number };

/** The place of each number in the order of names, which decides between rows that are equally frequent. */
export type Ranks = readonly number[];

/**
 * Counts what journeys have in common while they pass by, touchpoint after touchpoint, oldest first: nothing of a journey is kept but its
 * path and its duration. The results are asked for one by one, so that whoever asks can do something else between them; lists hold at most
 * `most` rows, the most frequent first.
 */
export class JourneyTally {
  readonly #channels = new PlaceCounts();
  readonly #partners = new PlaceCounts();
  readonly #pairs = new PairCounts();
  readonly #paths = new Map<string, number>();
  readonly #lengths = new Map<number, number>();
  readonly #times = new Map<number, number>();
  #seconds = new Float64Array(1_024);
  #journeys = 0;
  #length = 0;
  #path = '';
  #micros = 0;

  /** The next touchpoint of the journey at hand. `ageMicros`: before the conversion. */
  add(channel: number, partner: number, ageMicros: number): void {
    if (this.#length === 0) {
      this.#channels.begin();
      this.#partners.begin();
      this.#path = '';
      this.#micros = ageMicros;
    }
    this.#channels.note(channel, this.#length);
    if (partner !== NOBODY) this.#partners.note(partner, this.#length);
    if (this.#length < LONGEST_PATH) this.#path += `${channel} `;
    this.#length += 1;
  }

  /** The journey at hand is over; nothing happens when it has no touchpoint. */
  end(): void {
    const length = this.#length;
    if (length === 0) return;
    this.#channels.end(length);
    this.#partners.end(length);
    this.#pairs.note(this.#partners);
    addOne(this.#paths, length > LONGEST_PATH ? `${this.#path}+` : this.#path);
    addOne(this.#lengths, Math.min(length, MOST_LENGTH));
    const seconds = this.#micros / MICROS;
    addOne(this.#times, TIME_BOUNDS_S.filter((bound) => bound <= seconds).length);
    if (this.#journeys === this.#seconds.length) {
      const before = this.#seconds;
      this.#seconds = new Float64Array(before.length * 2);
      this.#seconds.set(before);
    }
    this.#seconds[this.#journeys] = seconds;
    this.#journeys += 1;
    this.#length = 0;
  }

  get journeys(): number {
    return this.#journeys;
  }

  paths(most: number, channels: Ranks): TalliedPath[] {
    return mostOf(this.#frequentPaths(most), most, pathOrder(channels));
  }

  lengths(): TalliedLengths {
    const seconds = this.#seconds.subarray(0, this.#journeys).sort();
    return {
      lengths: inOrder(this.#lengths, (touchpoints, journeys) => ({ touchpoints, journeys })),
      time: seconds.length === 0 ? null : { medianSeconds: quantile(seconds, 0.5), p90Seconds: quantile(seconds, 0.9) },
      times: inOrder(this.#times, (bucket, journeys) => ({ bucket, journeys })),
    };
  }

  channels(most: number, channels: Ranks): TalliedPlaces[] {
    return mostOf(this.#channels.counted(), most, frequent(channels));
  }

  partners(most: number, partners: Ranks): TalliedPlaces[] {
    return mostOf(this.#partners.counted(), most, frequent(partners));
  }

  overlaps(most: number, partners: Ranks): PairCount[] {
    const rank = (number: number) => partners[number]!;
    return mostOf(
      orderedPairs(this.#pairs.counted(), partners),
      most,
      (x, y) => y.journeys - x.journeys || rank(x.a) - rank(y.a) || rank(x.b) - rank(y.b),
    );
  }

  /** Paths that may be among the first: as frequent as the one in place `most`, or more. Only these are taken apart. */
  *#frequentPaths(most: number): Generator<TalliedPath> {
    const counts = Float64Array.from(this.#paths.values()).sort();
    const least = counts[Math.max(0, counts.length - most)] ?? 0;
    for (const [key, journeys] of this.#paths) {
      if (journeys < least) continue;
      const isCut = key.endsWith('+');
      yield {
        path: key
          .slice(0, isCut ? -2 : -1)
          .split(' ')
          .map(Number),
        isCut,
        journeys,
      };
    }
  }
}

function addOne<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function inOrder<Row>(counts: Map<number, number>, row: (key: number, count: number) => Row): Row[] {
  return [...counts].sort(([a], [b]) => a - b).map(([key, count]) => row(key, count));
}

function frequent(ranks: Ranks) {
  return (x: TalliedPlaces, y: TalliedPlaces) => y.journeys - x.journeys || ranks[x.number]! - ranks[y.number]!;
}

/** Equally frequent paths stand step by step in the order of their channels, a shorter one before those that go on, a whole one before a cut. */
function pathOrder(ranks: Ranks) {
  return (x: TalliedPath, y: TalliedPath) => {
    if (x.journeys !== y.journeys) return y.journeys - x.journeys;
    const steps = Math.min(x.path.length, y.path.length);
    for (let step = 0; step < steps; step += 1) {
      const order = ranks[x.path[step]!]! - ranks[y.path[step]!]!;
      if (order !== 0) return order;
    }
    return x.path.length - y.path.length || Number(x.isCut) - Number(y.isCut);
  };
}

/** Each pair with the name first that comes first. In a journey one of the two introduces and one closes. */
function* orderedPairs(pairs: Iterable<PairCount>, ranks: Ranks): Generator<PairCount> {
  for (const pair of pairs) {
    const { a, b, journeys, introduces, closes } = pair;
    yield ranks[a]! < ranks[b]!
      ? pair
      : { a: b, b: a, journeys, introduces: journeys - introduces, closes: journeys - closes };
  }
}

/** Between the two values around the place, as PostgreSQL's `percentile_cont`. */
function quantile(sorted: Float64Array, part: number): number {
  const place = part * (sorted.length - 1);
  const low = Math.floor(place);
  const from = sorted[low]!;
  const to = sorted[Math.ceil(place)]!;
  return low === place ? from : from + (place - low) * (to - from);
}
