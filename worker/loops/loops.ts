import type { Client } from '@temporalio/client';
import { createHistorySweep } from '../../activities/chores/archive-histories.ts';
import { deliverWebhooks } from '../../activities/chores/deliver-webhooks.ts';
import { ensureFeeds } from '../../activities/chores/ensure-feeds.ts';
import { releaseCases } from '../../activities/chores/release-cases.ts';
import { sealAllEvents } from '../../activities/chores/seal-events.ts';
import { createMailRound } from '../../activities/chores/send-mails.ts';
import type { TaskQueues } from '../../activities/deps.ts';
import type { MailSender } from '../../activities/mail/sender.ts';
import type { Pool } from '../../db/pool.ts';
import type { Logger } from '../../runtime/log.ts';
import type { QueueName } from '../worker.ts';
import { startLoop } from './loop.ts';
import type { Loop, LoopOptions } from './loop.ts';

export interface LoopDeps {
  pool: Pool;
  client: Client;
  log: Logger;
  publicUrl: string;
  taskQueues: TaskQueues;
  /** Absent: no mail server is set, mails wait in the outbox. */
  sender?: MailSender;
}

/** How often each chore looks, and which workers do it: a loop goes with the queue whose work it belongs to. */
export function startLoops(deps: LoopDeps, queues: readonly QueueName[]): Loop {
  const { pool, client, log, sender } = deps;
  const chores: (Omit<LoopOptions, 'log'> & { queue: QueueName })[] = [
    { name: 'sealer', queue: 'attribution', everyMs: 250, pass: (signal) => sealAllEvents(pool, signal) },
    { name: 'feeds', queue: 'attribution', everyMs: 15_000, pass: (signal) => ensureFeeds(deps, signal) },
    { name: 'histories', queue: 'journeys', everyMs: 10_000, pass: createHistorySweep({ pool, client, log }) },
    // Nothing is looked at again at once: a case that was told needs a moment to move on.
    { name: 'cases', queue: 'journeys', everyMs: 600_000, pass: (signal) => releaseCases(deps, signal).then(() => 0) },
    { name: 'webhooks', queue: 'mail', everyMs: 500, pass: (signal) => deliverWebhooks(pool, { signal }) },
  ];
  if (sender) chores.push({ name: 'mails', queue: 'mail', everyMs: 500, pass: createMailRound({ ...deps, sender }) });
  const running = chores.filter(({ queue }) => queues.includes(queue)).map((chore) => startLoop({ ...chore, log }));
  return { stop: () => Promise.all(running.map((loop) => loop.stop())).then(() => undefined) };
}
