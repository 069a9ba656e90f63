import { workArrived } from '../workflows/messages.ts';
import type { ApiDeps } from './deps.ts';

const AT_MOST_EVERY_MS = 1_000;

/** When each program was nudged last, per Temporal client, so that tests and processes do not meet. */
const lastNudges = new WeakMap<object, Map<string, number>>();

/**
 * Tells the program's feed that facts wait, at most once a second. It never fails the request: the feed looks by itself too,
 * so a nudge that is lost loses nothing. Facts that came within the second are nudged at its end.
 */
export function nudgeFeed(deps: ApiDeps, programId: string): void {
  const nudges = lastNudges.get(deps.client) ?? new Map<string, number>();
  lastNudges.set(deps.client, nudges);
  const now = Date.now();
  const next = (nudges.get(programId) ?? 0) + AT_MOST_EVERY_MS;
  // A nudge is on its way already, and will be sent after this fact was committed.
  if (next > now + AT_MOST_EVERY_MS) return;
  const waitMs = Math.max(0, next - now);
  nudges.set(programId, now + waitMs);
  setTimeout(() => void signal(deps, programId), waitMs).unref();
}

async function signal(deps: ApiDeps, programId: string): Promise<void> {
  try {
    await deps.client.workflow.signalWithStart('attributionFeed', {
      workflowId: `attribution-feed/${programId}`,
      taskQueue: deps.taskQueues.attribution,
      args: [{ programId }],
      signal: workArrived,
    });
  } catch (error) {
    deps.log.warn({ err: error, programId }, 'the feed was not nudged; it looks by itself within minutes');
  }
}
