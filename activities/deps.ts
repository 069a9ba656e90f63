import type { Client } from '@temporalio/client';
import type { Pool } from '../db/pool.ts';
import type { Logger } from '../runtime/log.ts';

/** Names of the four task queues, with the prefix of the settings. */
export interface TaskQueues {
  journeys: string;
  attribution: string;
  money: string;
  mail: string;
}

/** Everything that activities need of the world; handed in once by the worker's main, or by a test. */
export interface ActivityDeps {
  pool: Pool;
  client: Client;
  log: Logger;
  /** Where people reach the API, for links in mails; without a slash at the end. */
  publicUrl: string;
  taskQueues: TaskQueues;
  providers: {
    /** The sandbox payout provider; absent where none is set up. */
    sandbox?: { url: string; secret: string; timeoutMs?: number };
  };
}

/** @param prefix `TASK_QUEUE_PREFIX`; tests use one of their own so that files do not meet */
export function taskQueues(prefix: string): TaskQueues {
  return {
    journeys: `${prefix}journeys`,
    attribution: `${prefix}attribution`,
    money: `${prefix}money`,
    mail: `${prefix}mail`,
  };
}
