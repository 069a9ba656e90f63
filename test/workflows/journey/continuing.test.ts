import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestPostgres, startTestTemporal } from '../../support/stack.ts';
import type { TestPostgres, TestTemporal } from '../../support/stack.ts';
import { eventually } from '../../support/eventually.ts';
import { World } from './world.ts';

let postgres: TestPostgres;
let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  [postgres, temporal] = await Promise.all([startTestPostgres(), startTestTemporal()]);
  // Settlements are started, but have no worker: this is about the journey.
  world = await new World(temporal, postgres).start(['journeys']);
  await world.rows(`update contract_template set terms = jsonb_set(terms, '{calendar}', $1)`, [
    { period: 'PT1S', lockAfter: 'PT1S', payAfter: 'PT1S' },
  ]);
});
afterAll(async () => {
  await world.stop();
  await temporal.stop();
  await postgres.stop();
});

describe('a journey that continues as new', () => {
  it('keeps its stage, its open and decided tasks, and turns on with its windows', async () => {
    const partnerId = await world.activate({ eventsPerRun: 90 });
    const details = await world.openTask('enablement.payout-details', partnerId);
    await eventually(async () => {
      const [{ runs }] = await world.rows('select count(*)::int as runs from workflow_run where subject_id = $1', [
        partnerId,
      ]);
      expect(runs).toBeGreaterThanOrEqual(3);
    }, 40_000);

    const data = { method: 'sandbox', accountHolder: 'Mira', account: 'one', taxCountry: 'DE' };
    const partner = { kind: 'partner', id: partnerId } as const;
    const decision = await world.complete(details, 'submitted', partner, { data });
    expect(await world.complete(details, 'submitted', partner, { data })).toEqual(decision);
    await world.decide('payout-details.verification', partnerId, 'verify', 'finance');
    expect(await world.change(partnerId, 'pause')).toEqual({ status: 'paused' });
  });

  it('takes every command that arrives while one run gives way to the next', async () => {
    const partnerId = await world.activate({ eventsPerRun: 60 });
    const runs = async () =>
      (await world.rows('select count(*)::int as runs from workflow_run where subject_id = $1', [partnerId]))[0]!.runs;
    while ((await runs()) < 20) {
      expect(await world.change(partnerId, 'pause')).toEqual({ status: 'paused' });
      expect(await world.change(partnerId, 'resume')).toEqual({ status: 'active' });
    }
    // A decision that was made many runs ago is answered as it was then.
    const [first] = await world.rows(
      `select id, kind, workflow_id as "workflowId", data from task where partner_id = $1 and kind = 'application.decision'`,
      [partnerId],
    );
    expect(await world.complete(first as never, 'approve', world.person('manager'))).toMatchObject({
      outcome: 'approve',
    });
  }, 60_000);
});
