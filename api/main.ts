import { join } from 'node:path';
import { createPool } from '../db/pool.ts';
import { deleteOldKeys } from '../db/queries/idempotency-key.ts';
import { inTransaction, listProgramIds } from '../db/transaction.ts';
import { readConfig, requireSetting } from '../runtime/config.ts';
import { createLogger } from '../runtime/log.ts';
import { handleShutdown } from '../runtime/shutdown.ts';
import { createRegistry } from '../runtime/telemetry.ts';
import { createTemporalClient } from '../runtime/temporal.ts';
import { createApp } from './app.ts';
import { apiTaskQueues } from './deps.ts';
import type { ApiDeps } from './deps.ts';
import { createHttpServer } from './http-server.ts';
import { sweepImports } from './import-sweep.ts';
import { stopNudges } from './nudge.ts';
import { ClickLog } from './redirect/click-log.ts';

const COMMAND_TIMEOUT_MS = 10_000;
const PUBLIC_CALLS_PER_MINUTE = 120;
const SWEEP_EVERY_MS = 600_000;

const config = readConfig();
const log = createLogger('api', { level: config.LOG_LEVEL });
const shutdown = handleShutdown({ log });
const pool = createPool({
  url: requireSetting(config, 'DATABASE_URL'),
  size: config.DATABASE_POOL_SIZE,
  applicationName: 'tandem-api',
});
shutdown.add('database', () => pool.end());
const client = createTemporalClient(config);
shutdown.add('temporal', () => client.connection.close());
shutdown.add('nudges', () => stopNudges(client));

const ground: Omit<ApiDeps, 'clicks'> = {
  pool,
  client,
  log,
  registry: createRegistry('api'),
  publicUrl: (config.PUBLIC_URL ?? `http://localhost:${config.API_PORT}`).replace(/\/$/, ''),
  taskQueues: apiTaskQueues(config.TASK_QUEUE_PREFIX),
  commandTimeoutMs: COMMAND_TIMEOUT_MS,
  publicCallsPerMinute: PUBLIC_CALLS_PER_MINUTE,
  payoutWebhookSecret: config.PAYOUT_WEBHOOK_SECRET,
  trustedProxies: config.TRUSTED_PROXIES,
};
const clicks = new ClickLog(ground, join(config.TANDEM_DATA_DIR, `clicks-${config.API_PORT}`));
shutdown.add('clicks', () => clicks.close());
const deps: ApiDeps = { ...ground, clicks };
const server = createHttpServer(createApp(deps).listener);
server.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EADDRINUSE') log.fatal(`Port ${config.API_PORT} is taken. Choose another by API_PORT.`);
  else log.fatal({ err: error }, 'the server cannot listen');
  process.exit(1);
});
server.listen(config.API_PORT, config.API_HOST, () => {
  log.info({ host: config.API_HOST, port: config.API_PORT }, 'the API listens');
});
shutdown.add(
  'http',
  () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    }),
);

let sweeping: Promise<void> = Promise.resolve();
const sweeps = setInterval(() => {
  sweeping = sweeping.then(sweep);
}, SWEEP_EVERY_MS);
shutdown.add('sweep', () => clearInterval(sweeps));

/** What nobody waits for: old answers, and imports that do not go on. What fails is tried again by the next sweep. */
async function sweep(): Promise<void> {
  try {
    for (const programId of await listProgramIds(pool)) {
      await inTransaction(pool, programId, deleteOldKeys);
      await sweepImports(deps, programId);
    }
  } catch (error) {
    log.warn({ err: error }, 'a sweep was not done to its end');
  }
}
