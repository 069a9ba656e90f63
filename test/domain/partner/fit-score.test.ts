import { describe, expect, it } from '@jest/globals';
import { emptyWeights, readBriefWeights } from '../../../domain/brief/brief.ts';
import { fitScore } from '../../../domain/partner/fit-score.ts';

const brief = readBriefWeights({
  type: { creator: 1, coupon: 0.2 },
  channel: { video: 1, blog: 0.5 },
  vertical: { games: 1 },
  market: { DE: 1 },
});

describe('a fit score', () => {
  it('is 100 for exactly what is looked for, and 0 for the opposite', () => {
    expect(fitScore({ type: 'creator', channels: ['video'], verticals: ['games'], market: 'DE' }, brief).score).toBe(
      100,
    );
    expect(fitScore({ type: 'loyalty', channels: [], verticals: ['food'], market: 'US' }, brief).score).toBe(0);
  });

  it('explains itself term by term', () => {
    const { score, terms } = fitScore(
      { type: 'coupon', channels: ['blog', 'podcast'], verticals: [], market: null },
      brief,
    );
    expect(terms).toEqual([
      { dimension: 'type', value: 'coupon', weight: 0.2, points: 6, outOf: 30 },
      { dimension: 'channel', value: 'blog', weight: 0.5, points: 15, outOf: 30 },
      { dimension: 'vertical', value: null, weight: 0, points: 0, outOf: 25 },
      { dimension: 'market', value: null, weight: 0, points: 0, outOf: 15 },
    ]);
    expect(score).toBe(21);
  });

  it('leaves out what the brief does not weigh', () => {
    const short = { ...emptyWeights(), type: { creator: 1 }, channel: { video: 0.5 } };
    expect(fitScore({ type: 'creator', channels: ['video'], verticals: [], market: null }, short).score).toBe(75);
    expect(fitScore({ type: 'creator', channels: ['video'], verticals: [], market: null }, emptyWeights()).score).toBe(
      0,
    );
  });

  it('refuses weights outside 0 to 1', () => {
    expect(() => readBriefWeights({ type: { creator: 2 } })).toThrow(/weights.type.creator/);
    expect(() => readBriefWeights({ mood: {} })).toThrow(/weights.mood/);
  });
});
