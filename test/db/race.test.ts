import { expect, it } from '@jest/globals';
import { startTestPostgres } from '../support/postgres.ts';
import { race } from './race/race.ts';

/** Ten seconds of it run with every test; `npm run test:race` runs longer, with the two controls. */
it('ends with what the facts say, whoever was killed in between, and without a deadlock', async () => {
  const postgres = await startTestPostgres();
  const seed = Date.now() % 100_000;
  try {
    const result = await race(postgres, { seed, durationMs: 10_000 });
    process.stdout.write(`race: seed ${seed}, ${JSON.stringify({ ...result, errors: result.errors.length })}\n`);
    expect(result.errors).toEqual([]);
    expect(result.faults).toEqual([]);
    expect({ deadlocks: result.deadlocks, missed: result.missed }).toEqual({ deadlocks: 0, missed: 0 });
    expect(result.conversions).toBeGreaterThan(20);
    expect(result.locks).toBeGreaterThan(3);
    // Each of two processes lives five seconds at most, so one at least is killed twice; twice a second a connection is cut if any is at work.
    expect(result.kills).toBeGreaterThan(2);
    expect(result.cuts).toBeGreaterThan(3);
  } finally {
    await postgres.stop();
  }
}, 120_000);
