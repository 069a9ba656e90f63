import { taskQueues } from '../activities/deps.ts';
import type { QueueName } from './worker.ts';

/**
 * Reads WORKER_QUEUES, for instance `journeys,mail`.
 * @throws Error naming what is no queue
 */
export function readQueues(text: string): QueueName[] {
  const known = Object.keys(taskQueues('')) as QueueName[];
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const unknown = names.filter((name) => !known.includes(name as QueueName));
  if (unknown.length > 0 || names.length === 0) {
    const what = unknown.length > 0 ? `names no queue of ours: ${unknown.join(', ')}` : 'is empty';
    throw new Error(`WORKER_QUEUES ${what}. Choose from ${known.join(', ')}.`);
  }
  return known.filter((name) => names.includes(name));
}
