import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Pool } from '../../db/pool.ts';
import { useTestPool } from '../support/pool.ts';
import { live } from '../worlds/life.ts';
import { livePair } from '../worlds/pair.ts';
import { startWorldProvider } from '../worlds/provider.ts';
import type { WorldProvider } from '../worlds/provider.ts';

let pool: Pool;
let provider: WorldProvider;

useTestPool((opened) => (pool = opened));
beforeAll(async () => {
  provider = await startWorldProvider();
});
afterAll(() => provider.stop());

/** A world waits for the database most of the time, and a busy machine makes it wait long. */
const TIMEOUT_MS = 120_000;

/** Together they take every kind of step. */
const SEEDS = [50, 464, 496];

it.each(SEEDS)(
  'every invariant holds in the world of seed %i',
  async (seed) => {
    const { taken, failure } = await live(pool, provider, { seed, steps: 20 });
    expect({ failure, steps: taken.length }).toEqual({ failure: null, steps: 20 });
  },
  TIMEOUT_MS,
);

it(
  'the same facts, shuffled and repeated, come to the same credits and the same money',
  async () => {
    const { told, shuffled } = await livePair(pool, provider, { seed: 6, facts: 30 });
    expect(shuffled).toEqual(told);
    expect(told.money.length).toBeGreaterThan(5);
  },
  TIMEOUT_MS,
);
