import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JourneyTally, NOBODY, TIME_BOUNDS_S } from '../../../domain/attribution/journey-tally.ts';

interface Touch {
  channel: number;
  partner: number;
}

const touch = fc.record({ channel: fc.nat(2), partner: fc.integer({ min: NOBODY, max: 5 }) });
const journey = fc.record({
  touches: fc.array(touch, { minLength: 1, maxLength: 24, size: 'max' }),
  seconds: fc.integer({ min: 0, max: 30 * 86_400 }),
});
type Journey = { touches: Touch[]; seconds: number };

/** Not the order of their numbers. */
const CHANNELS = [2, 0, 1];
const PARTNERS = [3, 5, 0, 1, 4, 2];

function tallied(journeys: readonly Journey[]): JourneyTally {
  const tally = new JourneyTally();
  for (const { touches, seconds } of journeys) {
    touches.forEach(({ channel, partner }, step) => tally.add(channel, partner, (seconds * 1_000_000) / (step + 1)));
    tally.end();
  }
  return tally;
}

describe('a tally of journeys', () => {
  it('counts as a look at each journey does', () => {
    fc.assert(
      fc.property(fc.array(journey, { maxLength: 30 }), (journeys) => {
        const tally = tallied(journeys);
        expect(tally.journeys).toBe(journeys.length);
        const count = (matches: (one: Journey) => boolean) => journeys.filter(matches).length;
        const placesOf = (key: 'channel' | 'partner') => (number: number) => ({
          number,
          journeys: count(({ touches }) => touches.some((one) => one[key] === number)),
          assisted: count(
            ({ touches }) => touches.some((one) => one[key] === number) && touches.at(-1)![key] !== number,
          ),
          first: count(({ touches }) => touches[0]![key] === number),
          last: count(({ touches }) => touches.at(-1)![key] === number),
        });
        const frequent = (ranks: number[]) => (x: { number: number; journeys: number }, y: typeof x) =>
          y.journeys - x.journeys || ranks[x.number]! - ranks[y.number]!;
        expect(tally.channels(9, CHANNELS)).toEqual(
          [0, 1, 2]
            .map(placesOf('channel'))
            .filter((row) => row.journeys > 0)
            .sort(frequent(CHANNELS)),
        );
        expect(tally.partners(9, PARTNERS)).toEqual(
          [0, 1, 2, 3, 4, 5]
            .map(placesOf('partner'))
            .filter((row) => row.journeys > 0)
            .sort(frequent(PARTNERS)),
        );
        for (const { path, isCut, journeys: counted } of tally.paths(99, CHANNELS))
          expect(counted).toBe(
            count(({ touches }) => {
              const channels = touches.map(({ channel }) => channel);
              return channels.length > 20 === isCut && channels.slice(0, 20).join() === path.join();
            }),
          );
        const lengths = tally.lengths();
        for (const { touchpoints, journeys: counted } of lengths.lengths)
          expect(counted).toBe(count(({ touches }) => Math.min(20, touches.length) === touchpoints));
        for (const { bucket, journeys: counted } of lengths.times)
          expect(counted).toBe(
            count(
              ({ seconds }) =>
                seconds >= (TIME_BOUNDS_S[bucket - 1] ?? 0) && seconds < (TIME_BOUNDS_S[bucket] ?? Infinity),
            ),
          );
        for (const pair of tally.overlaps(99, PARTNERS)) {
          expect(PARTNERS[pair.a]).toBeLessThan(PARTNERS[pair.b]!);
          const both = journeys
            .map(({ touches }) => touches.map(({ partner }) => partner))
            .filter((partners) => partners.includes(pair.a) && partners.includes(pair.b));
          expect(pair).toMatchObject({
            journeys: both.length,
            introduces: both.filter((partners) => partners.indexOf(pair.a) < partners.indexOf(pair.b)).length,
            closes: both.filter((partners) => partners.lastIndexOf(pair.a) > partners.lastIndexOf(pair.b)).length,
          });
        }
      }),
    );
  });

  it('gives the first rows of what it would give without a limit', () => {
    fc.assert(
      fc.property(fc.array(journey, { maxLength: 30 }), fc.integer({ min: 1, max: 5 }), (journeys, most) => {
        const tally = tallied(journeys);
        expect(tally.paths(most, CHANNELS)).toEqual(tally.paths(999, CHANNELS).slice(0, most));
        expect(tally.partners(most, PARTNERS)).toEqual(tally.partners(999, PARTNERS).slice(0, most));
        expect(tally.overlaps(most, PARTNERS)).toEqual(tally.overlaps(999, PARTNERS).slice(0, most));
      }),
    );
  });

  it('puts equally frequent paths in the order of their channels, a shorter one first', () => {
    const tally = tallied(
      [[0], [1, 0], [1], [2, 2]].map((channels) => ({
        touches: channels.map((channel) => ({ channel, partner: NOBODY })),
        seconds: 0,
      })),
    );
    expect(tally.paths(9, CHANNELS).map(({ path }) => path)).toEqual([[1], [1, 0], [2, 2], [0]]);
  });

  it('lies between two journeys where no journey stands at the quantile', () => {
    const touches = [{ channel: 0, partner: NOBODY }];
    const { time } = tallied([10, 40, 20, 30].map((seconds) => ({ touches, seconds }))).lengths();
    expect(time).toEqual({ medianSeconds: 25, p90Seconds: 37 });
    expect(new JourneyTally().lengths()).toEqual({ lengths: [], time: null, times: [] });
  });
});
