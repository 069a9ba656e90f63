import { FEED, feedOf, workArrived } from '../workflows/messages.ts';
import type { ActivityDeps } from './deps.ts';

/** Tells the feed of a program that work waits. It looks for itself every few minutes; a nudge only makes it sooner, so its failure is a line of the log. */
export async function nudgeFeed(
  { client, taskQueues, log }: Pick<ActivityDeps, 'client' | 'taskQueues' | 'log'>,
  programId: string,
): Promise<void> {
  try {
    await client.workflow.signalWithStart(FEED, { ...feedOf(programId, taskQueues), signal: workArrived });
  } catch (error) {
    log.warn({ err: error }, 'the feed was not nudged');
  }
}
