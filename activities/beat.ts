import type { DrainOptions } from './attribution/drain.ts';
import { drainOptions } from './feed.ts';

/** A third of the heartbeat timeout of `shard` (workflows/activity-proxies.ts), and less. */
const BEAT_MS = 2_500;

/**
 * Runs long work that beats its heart every few seconds, however long one of its steps takes: the server notices soon when this process is
 * gone, and only then.
 * @param at the workflow's time, RFC 3339
 */
export async function beating<Result>(at: string, work: (options: DrainOptions) => Promise<Result>): Promise<Result> {
  const options = drainOptions(at);
  let done = 0;
  const beat = (count: number) => {
    done = count;
    options.heartbeat?.(done);
  };
  const timer = setInterval(() => beat(done), BEAT_MS);
  try {
    return await work({ ...options, heartbeat: beat });
  } finally {
    clearInterval(timer);
  }
}
