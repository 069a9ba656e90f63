import { createActivities } from '../activities/index.ts';
import { taskQueues } from '../activities/deps.ts';
import { createMailSender } from '../activities/mail/sender.ts';
import { createPool } from '../db/pool.ts';
import { readConfig, requireSetting } from '../runtime/config.ts';
import { createLogger } from '../runtime/log.ts';
import { handleShutdown } from '../runtime/shutdown.ts';
import { createTemporalClient } from '../runtime/temporal.ts';
import { connectNative } from '../runtime/temporal-native.ts';
import { loadWorkflowBundle } from './bundle.ts';
import { startLoops } from './loops/loops.ts';
import { readQueues } from './queues.ts';
import { registerSearchAttributes } from './search-attributes.ts';
import { workerVersion } from './version.ts';
import { createWorker } from './worker.ts';

const config = readConfig();
const log = createLogger('worker', { level: config.LOG_LEVEL });
const shutdown = handleShutdown({ log });
const queues = readQueues(config.WORKER_QUEUES);
const names = taskQueues(config.TASK_QUEUE_PREFIX);
const publicUrl = (config.PUBLIC_URL ?? `http://localhost:${config.API_PORT}`).replace(/\/$/, '');

const pool = createPool({
  url: requireSetting(config, 'DATABASE_URL'),
  size: config.DATABASE_POOL_SIZE,
  applicationName: 'tandem-worker',
});
shutdown.add('database', () => pool.end());
const client = createTemporalClient(config);
shutdown.add('temporal client', () => client.connection.close());
const { connection, namespace } = await connectNative(config, log);
shutdown.add('temporal connection', () => connection.close());

try {
  await registerSearchAttributes(client.connection, namespace);
} catch (error) {
  // Where this account may not do so, an operator has done it (docs/operating.md).
  log.warn({ err: error }, 'the search attributes were not registered by this worker');
}

const { PAYOUT_PROVIDER_URL: url, PAYOUT_PROVIDER_SECRET: secret } = config;
const activities = createActivities({
  pool,
  client,
  log,
  publicUrl,
  taskQueues: names,
  providers: url && secret ? { sandbox: { url, secret } } : {},
});
const workers = await createWorker({
  connection,
  namespace,
  taskQueues: names,
  queues,
  activities,
  workflowBundle: await loadWorkflowBundle(),
  version: workerVersion(config),
});
// Without its Temporal workers the process is of no use: whoever supervises it starts it again.
workers.ended.catch((error: unknown) => {
  log.fatal({ err: error }, 'a Temporal worker failed');
  void shutdown.run('a Temporal worker failed');
});
shutdown.add('temporal workers', () => workers.stop());

const sender = config.SMTP_URL ? createMailSender({ smtpUrl: config.SMTP_URL, from: config.MAIL_FROM }) : undefined;
if (!sender && queues.includes('mail')) log.warn('SMTP_URL is not set: mails wait in the outbox');
if (sender) shutdown.add('mail', () => sender.close());
const loops = startLoops({ pool, client, log, publicUrl, taskQueues: names, sender }, queues);
shutdown.add('loops', () => loops.stop());
log.info(
  { queues, build: config.WORKER_BUILD_ID, temporal: config.TEMPORAL_ADDRESS, namespace },
  'the worker is ready',
);
