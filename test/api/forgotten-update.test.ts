import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from '@temporalio/client';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { insertTask } from '../../db/queries/task.ts';
import { inTransaction } from '../../db/transaction.ts';
import { startTestClient } from '../support/temporal-client.ts';
import type { TestTemporalClient } from '../support/temporal-client.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { insertTestPartner } from './partner-row.ts';

/** As after a crash of the server: it took the update before, and when it is asked for the outcome it does not know it. That answer is its own. */
const FORGETTING: WorkflowClientInterceptor = {
  startUpdate: ({ options }) => Promise.resolve({ updateId: options.updateId!, workflowRunId: '' }),
};

let temporal: TestTemporalClient;
let api: ApiStack;

beforeAll(async () => {
  temporal = await startTestClient();
  const { connection, options } = temporal.client;
  const interceptors = { workflow: [FORGETTING] };
  api = await startApi({ client: new Client({ connection, namespace: options.namespace, interceptors }) });
});
afterAll(async () => {
  await api?.stop();
  await temporal?.stop();
});

/** A partner whose journey is open, and a task of it for a partner manager; nobody works on the queue. */
async function aWaitingJourney(name: string) {
  const partnerId = await insertTestPartner(api.pool, api.programId, name, 'screening');
  const workflowId = `partner/${partnerId}`;
  const run = await temporal.client.workflow.start('partnerLifecycle', {
    workflowId,
    taskQueue: `${temporal.prefix}-nobody`,
  });
  const task = await inTransaction(api.pool, api.programId, (tx) =>
    insertTask(tx, {
      ...{ kind: 'application.decision', workflowId, workflowKey: 'decision', partnerId },
      ...{ subject: { type: 'partner', id: partnerId }, role: 'partner_manager', assigneeId: null, requestedBy: null },
      ...{ excludedPersons: [], outcomes: ['approve', 'decline', 'waitlist'], data: {} },
      ...{ openedAt: new Date().toISOString(), dueAt: null },
    }),
  );
  const key = api.keys.partner_manager!;
  const decide = () => api.send('POST', `/v1/tasks/${task!.id}/complete`, { key, body: { outcome: 'approve' } });
  const pause = () => api.send('POST', `/v1/partners/${partnerId}/pause`, { key, body: { reason: 'Later' } });
  return { run, decide, pause };
}

it('says "not known yet" of a decision and a command that Temporal forgot while their run is open', async () => {
  const { run, decide, pause } = await aWaitingJourney('Mira Films');
  const replies = [await decide(), await pause()];
  await run.terminate();
  for (const { body, headers } of replies) {
    expect(body).toMatchObject({ status: 503, code: 'not-known-yet' });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
});

it('says that they came too late when their run has ended', async () => {
  const { run, decide, pause } = await aWaitingJourney('Nora Films');
  await run.terminate();
  expect((await decide()).body).toMatchObject({ status: 409, detail: expect.stringContaining('Its flow has ended') });
  expect((await pause()).body).toMatchObject({ status: 409, code: 'illegal-transition' });
});
