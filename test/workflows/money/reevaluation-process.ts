import { NativeConnection } from '@temporalio/worker';
import { taskQueues } from '../../../activities/deps.ts';
import { createActivities } from '../../../activities/index.ts';
import { createPool } from '../../../db/pool.ts';
import { createLogger } from '../../../runtime/log.ts';
import { createTemporalClient } from '../../../runtime/temporal.ts';
import { createWorker } from '../../../worker/worker.ts';
import { readConfig, requireSetting } from '../../../runtime/config.ts';

// A whole worker of the attribution queue in a process of its own, until it is killed: the path of the bundle.
const [codePath = ''] = process.argv.slice(2);
const config = readConfig();
const queues = taskQueues(config.TASK_QUEUE_PREFIX);
const log = createLogger('worker', { level: 'fatal' });
const pool = createPool({ url: requireSetting(config, 'DATABASE_URL') });
const client = createTemporalClient(config);
await createWorker({
  connection: await NativeConnection.connect({ address: config.TEMPORAL_ADDRESS }),
  namespace: config.TEMPORAL_NAMESPACE,
  taskQueues: queues,
  queues: ['attribution'],
  activities: createActivities({ pool, client, log, publicUrl: 'http://localhost', taskQueues: queues, providers: {} }),
  workflowBundle: { codePath },
});
process.send?.('ready');
