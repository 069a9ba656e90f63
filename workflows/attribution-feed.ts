import { condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import type { FeedPass } from '../activities/feed.ts';
import { drain, record } from './activity-proxies.ts';
import { workArrived } from './messages.ts';
import { now } from './pause.ts';

export interface AttributionFeedInput {
  programId: string;
  /** How often in a row nothing waited, of the run before. */
  idlePasses?: number;
}

/** A nudge that was lost loses no more than this. */
const LONGEST_PAUSE_MS = 300_000;
const SHORTEST_PAUSE_MS = 2_000;
/** A run of the feed ends after so many passes, so that histories stay small. */
const PASSES_PER_RUN = 300;

/**
 * Credits and posts what waits, for ever: drains until nothing is left, then waits for a nudge, for the next boundary, or for a pause that
 * grows to five minutes while nothing happens, so an idle program costs almost no history.
 */
export async function attributionFeed({ programId, idlePasses = 0 }: AttributionFeedInput): Promise<void> {
  let isNudged = false;
  let idle = idlePasses;
  setHandler(workArrived, () => void (isNudged = true));
  await record.noteRun({ programId, subject: { type: 'program', id: programId } });

  for (let passes = 0; passes < PASSES_PER_RUN && !workflowInfo().continueAsNewSuggested; passes += 1) {
    isNudged = false;
    const pass = await drainAll(programId);
    idle = pass.taken > 0 ? 0 : idle + 1;
    await condition(() => isNudged, pauseMs(idle, pass.nextBoundary));
  }
  // A nudge between here and the next run is not lost: that run begins with a drain.
  await continueAsNew<typeof attributionFeed>({ programId, idlePasses: idle });
}

/** Boundaries first, because work received after one is taken only once it is sealed. */
async function drainAll(programId: string): Promise<FeedPass> {
  const passed = await drain.advanceBoundaries({ programId, at: now() });
  const credited = await drain.drainIntake({ programId, at: now() });
  const posted = await drain.drainCommissions({ programId, at: now() });
  return { ...posted, taken: passed.taken + credited.taken + posted.taken };
}

function pauseMs(idle: number, nextBoundary: string | null): number {
  const pause = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** Math.min(idle, 20));
  const untilBoundary = nextBoundary === null ? pause : Date.parse(nextBoundary) - Date.now();
  return Math.max(1, Math.min(pause, untilBoundary));
}
