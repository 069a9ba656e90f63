import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createActivities } from '../../activities/index.ts';
import { taskQueues } from '../../activities/deps.ts';
import { createPool } from '../../db/pool.ts';
import type { Pool } from '../../db/pool.ts';
import { createLogger } from '../../runtime/log.ts';
import { workerVersion } from '../../worker/version.ts';
import { createWorker } from '../../worker/worker.ts';
import type { RunningWorkers } from '../../worker/worker.ts';
import { workflowBundle } from '../support/bundle.ts';
import { eventually } from '../support/eventually.ts';
import { aProgram } from '../support/ground.ts';
import { startTestPostgres, startTestTemporal } from '../support/stack.ts';
import type { TestPostgres, TestTemporal } from '../support/stack.ts';

let postgres: TestPostgres;
let temporal: TestTemporal;
let pool: Pool;
const running: RunningWorkers[] = [];
beforeAll(async () => {
  postgres = await startTestPostgres();
  temporal = await startTestTemporal();
  pool = createPool({ url: postgres.url });
});
afterAll(async () => {
  await Promise.all(running.map((worker) => worker.stop()));
  await pool?.end();
  await temporal?.stop();
  await postgres?.stop();
});

const versionOf = (buildId?: string) => workerVersion({ TASK_QUEUE_PREFIX: temporal.prefix, WORKER_BUILD_ID: buildId });

async function aWorker(buildId: string): Promise<void> {
  const queues = taskQueues(temporal.prefix);
  const log = createLogger('worker', { level: 'fatal' });
  const deps = { pool, client: temporal.client, log, publicUrl: 'http://localhost', taskQueues: queues, providers: {} };
  const { nativeConnection: connection, namespace } = temporal;
  const ground = { connection, namespace, taskQueues: queues, queues: ['attribution' as const] };
  const activities = createActivities(deps);
  running.push(
    await createWorker({ ...ground, activities, workflowBundle: await workflowBundle(), version: versionOf(buildId) }),
  );
}

/** As an operator does it; the server knows a version from its first poll on. */
const makeCurrent = (buildId: string) =>
  eventually(() =>
    temporal.client.workflowService.setWorkerDeploymentCurrentVersion({
      namespace: temporal.namespace,
      deploymentName: versionOf(buildId)!.deploymentName,
      buildId,
    }),
  );

it('is not versioned unless a build is named', () => {
  expect(versionOf()).toBeUndefined();
  expect(workerVersion({ TASK_QUEUE_PREFIX: 'eu.west:', WORKER_BUILD_ID: '7' })).toEqual({
    deploymentName: 'eu-west-tandem',
    buildId: '7',
  });
});

it('takes tasks once its build is current, goes on with the runs of the build before, and the history names both', async () => {
  const { programId } = await aProgram(pool);
  await aWorker('one');
  const handle = await temporal.client.workflow.start('attributionFeed', {
    workflowId: `attribution-feed/${programId}`,
    taskQueue: taskQueues(temporal.prefix).attribution,
    args: [{ programId }],
  });
  const builds = async () => {
    const { events } = await handle.fetchHistory();
    return (events ?? []).flatMap(({ workflowTaskCompletedEventAttributes: done }) =>
      done ? [done.deploymentVersion?.buildId] : [],
    );
  };
  await makeCurrent('one');
  await eventually(async () => expect(await builds()).toContain('one'));
  await aWorker('two');
  await makeCurrent('two');
  await eventually(async () => {
    await handle.signal('workArrived');
    expect((await builds()).at(-1)).toBe('two');
  });
  expect(new Set(await builds())).toEqual(new Set(['one', 'two']));
  await handle.terminate('the test is over');
});
