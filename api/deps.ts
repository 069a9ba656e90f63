import type { Client } from '@temporalio/client';
import type { Registry } from 'prom-client';
import type { Pool } from '../db/pool.ts';
import type { Logger } from '../runtime/log.ts';
import type { ClickLog } from './redirect/click-log.ts';

/** Task queues by name, with the prefix of the settings. */
export interface ApiTaskQueues {
  journeys: string;
  attribution: string;
  money: string;
}

/** Everything the API needs of the world; handed in once by main, or by a test. */
export interface ApiDeps {
  pool: Pool;
  client: Client;
  log: Logger;
  registry: Registry;
  /** Where people reach the API, without a slash at the end. */
  publicUrl: string;
  taskQueues: ApiTaskQueues;
  /** How long a command may wait for its workflow before the answer is "not known yet". */
  commandTimeoutMs: number;
  /** How long an Idempotency-Key is held without a sign of the request that holds it; by default a command's time and twenty seconds. */
  keyLeaseMs?: number;
  /** Calls per minute and address on public forms. */
  publicCallsPerMinute: number;
  /** Secret of the payout provider's webhooks (`whsec_…`); without it they are refused. */
  payoutWebhookSecret?: string;
  clicks: ClickLog;
  /** Hops of reverse proxies whose forwarded address is believed. */
  trustedProxies: number;
}

/** @param prefix `TASK_QUEUE_PREFIX` */
export function apiTaskQueues(prefix: string): ApiTaskQueues {
  return { journeys: `${prefix}journeys`, attribution: `${prefix}attribution`, money: `${prefix}money` };
}
