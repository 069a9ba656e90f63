import type { ActivityDeps } from '../../activities/deps.ts';
import type { Pool } from '../../db/pool.ts';
import { createLogger } from '../../runtime/log.ts';

/** For activities that need nothing but PostgreSQL. There is no Temporal behind them: a nudge of the feed fails and is a line of the log. */
export function poolDeps(pool: Pool): ActivityDeps {
  const deps = { pool, log: createLogger('worker', { level: 'fatal' }), client: {}, taskQueues: {} };
  return deps as unknown as ActivityDeps;
}
