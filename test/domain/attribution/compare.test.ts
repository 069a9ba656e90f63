import { describe, expect, it } from '@jest/globals';
import { compareModels, readComparedModels } from '../../../domain/attribution/compare.ts';
import { aPathRow as row } from '../../support/aggregated-paths.ts';

describe('a comparison', () => {
  const paths = [row('a > b', 2, 1, 200), row('b', 1, 0, 50)];

  it('sets models side by side in the order asked', () => {
    const models = readComparedModels([
      'last',
      { kind: 'position', first: 0.3, last: 0.7 },
      'shapley',
      { kind: 'markov', order: 2 },
    ]);
    const compared = compareModels(paths, models);
    expect(compared.map(({ model }) => model)).toEqual(['last', 'position', 'shapley', 'markov']);
    expect(compared[0]!.channels).toEqual([
      { channel: 'b', conversions: 3, value: 250, share: 1 },
      { channel: 'a', conversions: 0, value: 0, share: 0 },
    ]);
    expect(compared[1]!.channels.map(({ channel, conversions }) => [channel, Number(conversions.toFixed(9))])).toEqual([
      ['b', 2.4],
      ['a', 0.6],
    ]);
  });

  it('refuses models that need times where only paths are known', () => {
    expect(() => compareModels(paths, readComparedModels(['time-decay']))).toThrow(/needs times/);
    const timed = [{ ...row('a > b', 1), agesMicros: [7 * 86_400e6, 0] }];
    expect(compareModels(timed, readComparedModels(['time-decay']))[0]!.channels[0]).toMatchObject({
      channel: 'b',
      conversions: 2 / 3,
    });
  });

  it('gives by type of partner too where the journeys know it, own channels apart', () => {
    const typed = [
      { ...row('video > email > blog', 2, 0, 20), agesMicros: [2, 1, 0], partnerTypes: ['creator', null, 'creator'] },
      { ...row('blog', 1, 3, 5), agesMicros: [0], partnerTypes: ['agency'] },
    ];
    const [linear, weights, shapley, markov] = compareModels(
      typed,
      readComparedModels(['linear', { kind: 'weights', weights: { email: 1, blog: 3 } }, 'shapley', 'markov']),
    );
    const by = ({ partnerTypes }: { partnerTypes?: { partnerType: string | null; conversions: number }[] } = {}) =>
      partnerTypes!.map(({ partnerType, conversions }) => [partnerType, Number(conversions.toFixed(6))]);
    expect(by(linear)).toEqual([
      ['creator', 1.333333],
      ['agency', 1],
      [null, 0.666667],
    ]);
    // By channel: 3 of 4 for the blog of a creator, which is one of two touchpoints of that type.
    expect(by(weights)).toEqual([
      ['creator', 1.5],
      ['agency', 1],
      [null, 0.5],
    ]);
    expect(by(shapley)).toEqual([
      [null, 1],
      ['agency', 1],
      ['creator', 1],
    ]);
    expect(by(markov).reduce((sum, [, conversions]) => sum + Number(conversions), 0)).toBeCloseTo(3, 6);
    expect(compareModels(paths, readComparedModels(['linear']))[0]!.partnerTypes).toBeUndefined();
  });

  it('says what a model gives to nobody, so that the sums hold', () => {
    const untouched = { path: [], agesMicros: [], partnerTypes: [], conversions: 4, value: 50, nulls: 0 };
    const journeys = [
      { ...row('blog', 3, 2, 30), agesMicros: [0], partnerTypes: ['agency'] },
      { ...row('video', 1, 0, 20), agesMicros: [0], partnerTypes: ['creator'] },
      untouched,
    ];
    const models = readComparedModels([{ kind: 'weights', weights: { video: 1 } }, 'time-decay', 'shapley', 'markov']);
    const [weights, ...others] = compareModels(journeys, models);
    expect(weights).toEqual({
      model: 'weights',
      channels: [
        { channel: 'video', conversions: 1, value: 20, share: 1 / 8 },
        { channel: 'blog', conversions: 0, value: 0, share: 0 },
      ],
      partnerTypes: [
        { partnerType: 'creator', conversions: 1, value: 20, share: 1 / 8 },
        { partnerType: 'agency', conversions: 0, value: 0, share: 0 },
      ],
      unattributed: { conversions: 7, value: 80, share: 7 / 8 },
    });
    for (const { channels, partnerTypes, unattributed } of others) {
      expect(unattributed).toEqual({ conversions: 4, value: 50, share: 1 / 2 });
      for (const list of [channels, partnerTypes!]) {
        expect(list.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1 / 2, 12);
        expect(list.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(50, 9);
      }
    }
    expect(compareModels([untouched], readComparedModels(['linear']))[0]).toMatchObject({
      channels: [],
      unattributed: { conversions: 4, share: 1 },
    });
  });

  it('names a model that it does not know', () => {
    expect(() => readComparedModels(['guess'])).toThrow(/models.0.kind/);
    expect(() => readComparedModels([{ kind: 'markov', order: 9 }])).toThrow(/models.0.order/);
    expect(() => readComparedModels([{ kind: 'shapley', order: 1 }])).toThrow(/models.0.order/);
  });
});
