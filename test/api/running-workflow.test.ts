import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { isRunning } from '../../api/running-workflow.ts';
import { findFreePort } from '../../runtime/free-port.ts';
import { startTestClient } from '../support/temporal-client.ts';
import type { TestTemporalClient } from '../support/temporal-client.ts';

let temporal: TestTemporalClient;

beforeAll(async () => {
  temporal = await startTestClient();
});
afterAll(() => temporal.stop());

it('says that a run is open until it has ended, and that one that nobody started is not', async () => {
  const workflowId = `${temporal.prefix}-waiting`;
  const handle = await temporal.client.workflow.start('partnerLifecycle', {
    workflowId,
    taskQueue: `${temporal.prefix}-nobody`,
  });
  const answers = [await isRunning(temporal.client, workflowId)];
  await handle.terminate();
  answers.push(await isRunning(temporal.client, workflowId));
  answers.push(await isRunning(temporal.client, `${temporal.prefix}-unknown`));
  expect(answers).toEqual([true, false, false]);
});

it('does not say that a run has ended while Temporal cannot be asked', async () => {
  const connection = Connection.lazy({ address: `127.0.0.1:${await findFreePort()}` });
  expect(await isRunning(new Client({ connection }), 'any')).toBe(true);
  await connection.close();
});
