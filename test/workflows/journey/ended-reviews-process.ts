import type { Client, SignalDefinition } from '@temporalio/client';
import { createContentEndActivities } from '../../../activities/content-end.ts';
import { taskQueues } from '../../../activities/deps.ts';
import { createPool } from '../../../db/pool.ts';
import { createLogger } from '../../../runtime/log.ts';
import { readConfig, requireSetting } from '../../../runtime/config.ts';
import { createTemporalClient } from '../../../runtime/temporal.ts';

// Ends the reviews of a partner in a process of its own, which a test kills once so many reviews were told: program, partner, how many.
const [programId = '', partnerId = '', most = ''] = process.argv.slice(2);
const config = readConfig();
const real = createTemporalClient(config);
let told = 0;

/** Says that it has come so far, and goes no further. */
async function stand(): Promise<never> {
  process.send?.('here');
  setInterval(() => undefined, 1_000);
  return new Promise<never>(() => undefined);
}

const client = {
  workflow: {
    getHandle: (id: string) => ({
      signal: async (definition: SignalDefinition<[]>) => {
        if (told === Number(most)) await stand();
        await real.workflow.getHandle(id).signal(definition);
        told += 1;
      },
    }),
  },
} as unknown as Client;
await createContentEndActivities({
  pool: createPool({ url: requireSetting(config, 'DATABASE_URL') }),
  client,
  log: createLogger('worker', { level: 'fatal' }),
  publicUrl: 'http://localhost',
  taskQueues: taskQueues(config.TASK_QUEUE_PREFIX),
  providers: {},
}).endReviews({ programId, partnerId });
// All were told, and the answer is on its way.
await stand();
