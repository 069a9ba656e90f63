import { FEED, feedOf, workArrived } from '../workflows/messages.ts';
import type { ApiDeps } from './deps.ts';

const AT_MOST_EVERY_MS = 1_000;

interface Nudges {
  /** When each program is nudged, or was nudged last. */
  at: Map<string, number>;
  timers: Set<NodeJS.Timeout>;
  underWay: Set<Promise<void>>;
  isStopped: boolean;
}

type NudgeDeps = Pick<ApiDeps, 'client' | 'log' | 'taskQueues' | 'commandTimeoutMs'>;

/** Per Temporal client, so that tests and processes do not meet. */
const nudgesOf = new WeakMap<object, Nudges>();

/**
 * Tells the program's feed that facts wait, at most once a second. It never fails the request: the feed looks by itself too,
 * so a nudge that is lost loses nothing. Facts that came within the second are nudged at its end.
 */
export function nudgeFeed(deps: NudgeDeps, programId: string): void {
  const nudges = nudgesFor(deps.client);
  const now = Date.now();
  const next = (nudges.at.get(programId) ?? 0) + AT_MOST_EVERY_MS;
  // A nudge is on its way already, and will be sent after this fact was committed.
  if (nudges.isStopped || next > now + AT_MOST_EVERY_MS) return;
  const waitMs = Math.max(0, next - now);
  nudges.at.set(programId, now + waitMs);
  const timer = setTimeout(() => {
    nudges.timers.delete(timer);
    const signalled = signal(deps, programId);
    nudges.underWay.add(signalled);
    void signalled.finally(() => nudges.underWay.delete(signalled));
  }, waitMs);
  nudges.timers.add(timer);
}

/** Sends no more nudges and waits for those under way; call it before the client's connection is closed. */
export async function stopNudges(client: object): Promise<void> {
  const nudges = nudgesFor(client);
  nudges.isStopped = true;
  for (const timer of nudges.timers) clearTimeout(timer);
  await Promise.all(nudges.underWay);
}

function nudgesFor(client: object): Nudges {
  const nudges = nudgesOf.get(client) ?? { at: new Map(), timers: new Set(), underWay: new Set(), isStopped: false };
  nudgesOf.set(client, nudges);
  return nudges;
}

async function signal({ client, log, taskQueues, commandTimeoutMs }: NudgeDeps, programId: string): Promise<void> {
  try {
    await client.withDeadline(Date.now() + commandTimeoutMs, () =>
      client.workflow.signalWithStart(FEED, { ...feedOf(programId, taskQueues), signal: workArrived }),
    );
  } catch (error) {
    log.warn({ err: error, programId }, 'the feed was not nudged; it looks by itself within minutes');
  }
}
