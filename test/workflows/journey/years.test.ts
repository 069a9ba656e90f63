import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startTestPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { startTimeSkipping } from '../../support/time-skipping.ts';
import { eventually } from '../../support/eventually.ts';
import { World } from './world.ts';

let postgres: TestPostgres;
let environment: TestWorkflowEnvironment;
let world: World;

beforeAll(async () => {
  [postgres, environment] = await Promise.all([startTestPostgres(), startTimeSkipping()]);
  const { client, nativeConnection } = environment;
  world = await new World({ client, nativeConnection, prefix: '' }, postgres).start(['journeys', 'money']);
});
afterAll(async () => {
  await world.stop();
  await environment.teardown();
  await postgres.stop();
});

const handleOf = (partnerId: string, no: number) =>
  environment.client.workflow.getHandle(`settlement/${partnerId}/${no}`);

/** Waits for the ends of the first settlements, which throws for one that failed. @returns the states of their statements, window after window */
async function settled(partnerId: string, windows: number): Promise<string[]> {
  for (let no = 1; no <= windows; no += 1) await handleOf(partnerId, no).result();
  const rows = await world.rows<{ no: number; state: string }>(
    `select w.no, s.state from statement s join attribution_window w on w.id = s.window_id
     where w.partner_id = $1 and w.no <= $2 order by w.no`,
    [partnerId, windows],
  );
  expect(rows.map(({ no }) => no)).toEqual(Array.from({ length: windows }, (_, index) => index + 1));
  return rows.map(({ state }) => state);
}

describe('the windows of a partner', () => {
  it('turn for a year, each with its settlement, after all the waiting before', async () => {
    const partnerId = await world.activate();
    await environment.sleep('366 days');
    // Each has begun by now: twelve months are over. The last ones still wait for their lock, which `result` lets come.
    await Promise.all(Array.from({ length: 12 }, (_, index) => handleOf(partnerId, index + 1).describe()));
    expect(new Set(await settled(partnerId, 12))).toEqual(new Set(['empty']));
    expect(await world.status(partnerId)).toBe('active');
  });

  it('end with the contract, and the last one is settled', async () => {
    const partnerId = await world.activate();
    await world.change(partnerId, 'end');
    await eventually(() => handleOf(partnerId, 1).describe());
    expect(await settled(partnerId, 1)).toEqual(['empty']);
    expect(await world.change(partnerId, 'reapply')).toEqual({ status: 'surveying' });
  });
});
