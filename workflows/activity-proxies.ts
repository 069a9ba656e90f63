import { allHandlersFinished, condition, proxyActivities } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { activitySummary } from './activity-summaries.ts';

let inFlight = 0;
/** More than any chain of promises between a wait and the activity after it. */
const TURNS = 50;

/**
 * Resolves when nothing of this workflow is under way, so that it can continue as new: an activity that is dropped would be done twice.
 * What woke in the same turn gets its say first, because it may begin another activity.
 */
export async function atRest(): Promise<void> {
  do {
    await condition(() => inFlight === 0 && allHandlersFinished());
    for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
  } while (inFlight > 0 || !allHandlersFinished());
}

type Called = { executeWithOptions(options: ActivityOptions, args: readonly unknown[]): Promise<unknown> };

function counted<Proxied extends object>(activities: Proxied): Proxied {
  return new Proxy(activities, {
    get: (target, name) => {
      const activity = Reflect.get(target, name) as Called;
      return async (...args: unknown[]) => {
        inFlight += 1;
        try {
          return await activity.executeWithOptions({ summary: activitySummary(String(name), args) }, args);
        } finally {
          inFlight -= 1;
        }
      };
    },
  });
}

/**
 * Database work of milliseconds. A server that is away is waited for without end: nothing is lost, only later.
 * `scheduleToClose` is not set for the same reason.
 */
export const record = counted(
  proxyActivities<Activities>({
    startToCloseTimeout: '30 seconds',
    retry: { initialInterval: '100 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  }),
);

/** Calls to others outside (payout providers): patient, because rate limits say themselves when to come again. */
export const call = counted(
  proxyActivities<Activities>({
    startToCloseTimeout: '1 minute',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' },
  }),
);

/** Long work that may never succeed, for instance a policy that cannot be carried out: given up after a while, so that somebody is told. */
export const attempt = counted(
  proxyActivities<Activities>({
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '30 seconds',
    retry: {
      initialInterval: '500 milliseconds',
      backoffCoefficient: 2,
      maximumInterval: '1 minute',
      maximumAttempts: 10,
    },
  }),
);

/** Long work in batches (the feed): beats its heart, so that a dead worker is noticed within half a minute. */
export const drain = counted(
  proxyActivities<Activities>({
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '30 seconds',
    retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
  }),
);

/** Studies and re-evaluations, somebody waits for them: `activities/beat.ts` beats every few seconds, so a dead worker is noticed within ten. */
export const shard = counted(
  proxyActivities<Activities>({
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
  }),
);
