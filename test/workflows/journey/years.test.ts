import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startTestPostgres } from '../../support/stack.ts';
import type { TestPostgres } from '../../support/stack.ts';
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

async function settlementsOf(partnerId: string, windows: number): Promise<string[]> {
  const ids = Array.from({ length: windows }, (_, index) => `settlement/${partnerId}/${index + 1}`);
  await Promise.all(ids.map((id) => environment.client.workflow.getHandle(id).describe()));
  return ids;
}

describe('the windows of a partner', () => {
  it('turn for a year, each with its settlement, after all the waiting before', async () => {
    const partnerId = await world.activate();
    await environment.sleep('366 days');
    expect(await settlementsOf(partnerId, 12)).toHaveLength(12);
    expect(await world.status(partnerId)).toBe('active');
  });

  it('end with the contract, and the last one is settled', async () => {
    const partnerId = await world.activate();
    await world.change(partnerId, 'end');
    await eventually(() => settlementsOf(partnerId, 1));
    expect(await world.change(partnerId, 'reapply')).toEqual({ status: 'surveying' });
  });
});
