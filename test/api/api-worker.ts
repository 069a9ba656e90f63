import { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../../activities/index.ts';
import { taskQueues } from '../../activities/deps.ts';
import { createLogger } from '../../runtime/log.ts';
import { createWorker } from '../../worker/worker.ts';
import { workflowBundle } from '../support/bundle.ts';
import type { ApiStack } from './api-stack.ts';

/** A real worker beside the API under test, for routes that speak to workflows. @returns how to stop it */
export async function startApiWorker({ pool, temporal, baseUrl }: ApiStack): Promise<() => Promise<void>> {
  const queues = taskQueues(temporal.prefix);
  const log = createLogger('worker', { level: 'fatal' });
  const activities = createActivities({
    pool,
    client: temporal.client,
    log,
    publicUrl: baseUrl,
    taskQueues: queues,
    providers: {},
  });
  const connection = await NativeConnection.connect({ address: temporal.address });
  const worker = await createWorker({
    connection,
    namespace: temporal.namespace,
    taskQueues: queues,
    queues: ['journeys', 'attribution', 'money'],
    activities,
    workflowBundle: await workflowBundle(),
  });
  return async () => {
    await worker.stop();
    await connection.close();
  };
}
