import type { Client } from '@temporalio/client';
import { findScheduledActivities } from '../db/queries/history-event.ts';
import { reading } from './caller.ts';
import type { Call } from './route.ts';

/** Runs whose histories are read at Temporal for one page; a page of a partner's life rarely touches more. */
const MOST_READ_PER_PAGE = 20;
const READ_TIMEOUT_MS = 3_000;
/** Activities in memory per Temporal client, over all runs. */
const MOST_KNOWN = 100_000;

/** The activity that wrote a line of the record. */
export interface WritingActivity {
  workflowId: string | null;
  runId: string | null;
  activityId: string | null;
}

/** Activity id → number of the event that scheduled it; neither ever changes, so what is known stays known. */
type Scheduled = ReadonlyMap<string, number>;

/** By workflow and run, the runs asked for most recently last. Per client, so that tests do not meet. */
const knownOf = new WeakMap<object, Map<string, Scheduled>>();

/**
 * Finds the number of the event that scheduled each activity, in the archived history or else in the one that Temporal has.
 * @returns a function of a line; null where no activity wrote it, where Temporal no longer has (or does not give in time) a history that was not archived,
 *   and where a page touches more runs than are read for it
 */
export async function historyPositions(
  call: Pick<Call, 'principal' | 'deps'>,
  lines: readonly WritingActivity[],
): Promise<(line: WritingActivity) => number | null> {
  const known = knownFor(call.deps.client);
  const missing = new Map<string, { workflowId: string; runId: string }>();
  for (const { workflowId, runId, activityId } of lines) {
    if (workflowId === null || runId === null || activityId === null) continue;
    const key = keyOf(workflowId, runId);
    if (!known.get(key)?.has(activityId)) missing.set(key, { workflowId, runId });
  }
  const archived = await readArchived(call, [...missing.values()]);
  for (const [key, scheduled] of archived) remember(known, key, scheduled);
  const live = [...missing].filter(([key]) => !archived.has(key)).slice(0, MOST_READ_PER_PAGE);
  await Promise.all(
    live.map(async ([key, run]) => {
      const scheduled = await readLive(call.deps.client, run);
      if (scheduled) remember(known, key, scheduled);
    }),
  );
  return ({ workflowId, runId, activityId }) =>
    (activityId !== null && known.get(keyOf(workflowId ?? '', runId ?? ''))?.get(activityId)) || null;
}

function keyOf(workflowId: string, runId: string): string {
  return `${runId} ${workflowId}`;
}

async function readArchived(
  call: Pick<Call, 'principal' | 'deps'>,
  runs: readonly { workflowId: string; runId: string }[],
): Promise<Map<string, Scheduled>> {
  const archived = new Map<string, Scheduled>();
  if (runs.length === 0) return archived;
  await reading(call, async (tx) => {
    for (const run of runs) {
      const scheduled = await findScheduledActivities(tx, run);
      if (scheduled) archived.set(keyOf(run.workflowId, run.runId), scheduled);
    }
  });
  return archived;
}

/** A history that cannot be had costs the number, never the page. */
async function readLive(client: Client, run: { workflowId: string; runId: string }): Promise<Scheduled | undefined> {
  try {
    const { events } = await client.withDeadline(Date.now() + READ_TIMEOUT_MS, () =>
      client.workflow.getHandle(run.workflowId, run.runId).fetchHistory(),
    );
    const scheduled = new Map<string, number>();
    for (const { eventId, activityTaskScheduledEventAttributes: attributes } of events ?? []) {
      if (attributes?.activityId) scheduled.set(attributes.activityId, Number(eventId));
    }
    return scheduled;
  } catch {
    return undefined;
  }
}

function knownFor(client: object): Map<string, Scheduled> {
  const known = knownOf.get(client) ?? new Map<string, Scheduled>();
  knownOf.set(client, known);
  return known;
}

function remember(known: Map<string, Scheduled>, key: string, scheduled: Scheduled): void {
  known.delete(key);
  known.set(key, scheduled);
  let count = 0;
  for (const { size } of known.values()) count += size;
  for (const [oldest, { size }] of known) {
    if (count <= MOST_KNOWN || oldest === key) return;
    known.delete(oldest);
    count -= size;
  }
}
