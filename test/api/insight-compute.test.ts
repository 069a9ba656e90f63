import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { fitPaths } from '../../domain/attribution/fit.ts';
import { computeInsight } from '../../api/insight/compute.ts';
import { packJourneys, unpackJourneys } from '../../api/insight/packed-journeys.ts';
import type { AggregatedPath } from '../../domain/attribution/paths.ts';
import { aggregatedPaths, aPathRow } from '../support/aggregated-paths.ts';

const given = (journeys: readonly AggregatedPath[]) => () => Promise.resolve({ journeys });

describe('an insight', () => {
  const paths = aggregatedPaths(3_000, 10, 6);
  const request = { method: 'markov' as const, order: 3, bootstrap: { samples: 20, seed: 9 } };

  it('is computed beside the event loop, to the same bytes as in it', async () => {
    let turns = 0;
    let isOver = false;
    const computing = computeInsight(given(paths), { kind: 'fit', request }).finally(() => (isOver = true));
    while (!isOver) {
      await nextTurn();
      turns += 1;
    }
    const { result, milliseconds } = await computing;
    expect(JSON.stringify(result)).toBe(JSON.stringify(fitPaths(paths, request)));
    // Far more turns than a loop gets that does the work itself: that one gets none.
    expect(turns).toBeGreaterThan(100);
    expect(milliseconds).toBeGreaterThan(0);
  });

  it('waits its turn, and is put off when too many wait', async () => {
    const asked = Array.from({ length: 12 }, () =>
      computeInsight(given([aPathRow('a', 1)]), { kind: 'fit', request: { method: 'shapley' } }).then(
        () => 'done',
        ({ code }: { code: string }) => code,
      ),
    );
    const answers = await Promise.all(asked);
    expect(answers.filter((answer) => answer === 'done')).toHaveLength(9);
    expect(answers.filter((answer) => answer === 'unavailable')).toHaveLength(3);
  });

  it('reads its journeys when its turn has come, and gives the turn on when they cannot be read', async () => {
    const work = { kind: 'fit' as const, request: { method: 'shapley' as const } };
    let holding = 0;
    let most = 0;
    const read = async () => {
      holding += 1;
      most = Math.max(most, holding);
      await nextTurn();
      return { journeys: [aPathRow('a', 1)], cutJourneys: 3 };
    };
    const asked = Array.from({ length: 4 }, () => computeInsight(read, work).finally(() => (holding -= 1)));
    const failing = computeInsight(() => Promise.reject(new Error('away')), work);
    const last = computeInsight(read, work).finally(() => (holding -= 1));
    await expect(failing).rejects.toThrow('away');
    for (const { cutJourneys } of await Promise.all([...asked, last])) expect(cutJourneys).toBe(3);
    expect(most).toBe(1);
  });

  it('that takes too long is ended and refused', async () => {
    const endless = { ...request, bootstrap: { samples: 200, seed: 1 } };
    await expect(computeInsight(given(paths), { kind: 'fit', request: endless }, 1)).rejects.toThrow(
      /more than 0.001 seconds/,
    );
  });

  it('passes a refusal of the rules on as it is', async () => {
    await expect(computeInsight(given([]), { kind: 'proposal', request: { method: 'shapley' } })).rejects.toMatchObject(
      {
        code: 'invalid',
        details: { errors: [{ path: 'source' }] },
      },
    );
  });
});

describe('packed journeys', () => {
  it('come out as they went in, with and without times and types', async () => {
    const plain = [aPathRow('a > b > a', 1, 2, 3.5), aPathRow('c', 0, 1)];
    expect(unpackJourneys(await packJourneys(plain))).toEqual(plain);
    const full = plain.map((row) => ({
      ...row,
      agesMicros: row.path.map((_, at) => at * 1e15),
      partnerTypes: row.path.map((_, at) => (at === 0 ? null : 'creator')),
    }));
    expect(unpackJourneys(await packJourneys(full))).toEqual(full);
    expect(unpackJourneys(await packJourneys([]))).toEqual([]);
    const many = aggregatedPaths(5_000, 4, 3);
    expect(unpackJourneys(await packJourneys(many))).toEqual(many);
  });
});
