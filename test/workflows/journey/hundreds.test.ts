import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflows } from '../../../worker/bundle.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { startTimeSkipping } from '../../support/time-skipping.ts';
import { World } from './world.ts';

let postgres: TestPostgres;
let environment: TestWorkflowEnvironment;
let world: World;

beforeAll(async () => {
  [postgres, environment] = await Promise.all([startTestPostgres(), startTimeSkipping()]);
  const { client, nativeConnection } = environment;
  const money = await bundleWorkflows(fileURLToPath(new URL('./settled-at-once.ts', import.meta.url)));
  world = await new World({ client, nativeConnection, prefix: '' }, postgres).start(['journeys', 'money'], money);
  await world.rows(`update contract_template set terms = jsonb_set(terms, '{calendar}', $1)`, [
    { period: 'weekly', lockAfter: 'P1D', payAfter: 'P1D' },
  ]);
});
afterAll(async () => {
  await world.stop();
  await environment.teardown();
  await postgres.stop();
});

it('turns hundreds of windows over runs that continue as new, each settled, with open tasks and decided ones', async () => {
  const partnerId = await world.activate({ eventsPerRun: 300 });
  const details = await world.openTask('enablement.payout-details', partnerId);

  await environment.sleep('1500 days');

  const ids = Array.from({ length: 210 }, (_, index) => `settlement/${partnerId}/${index + 1}`);
  await Promise.all(ids.map((id) => environment.client.workflow.getHandle(id).describe()));
  const [{ runs }] = await world.rows('select count(*)::int as runs from workflow_run where subject_id = $1', [
    partnerId,
  ]);
  expect(runs).toBeGreaterThan(5);
  const data = { method: 'sandbox', accountHolder: 'Mira', account: 'one', taxCountry: 'DE' };
  const decision = await world.complete(details, 'submitted', { kind: 'partner', id: partnerId }, { data });
  expect(decision.outcome).toBe('submitted');
  await world.openTask('payout-details.verification', partnerId);
}, 120_000);
