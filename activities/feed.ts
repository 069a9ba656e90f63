import { Context } from '@temporalio/activity';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { nextBoundary } from '../db/queries/program-clock.ts';
import { listUnreviewedHolds } from '../db/queries/screen.ts';
import { inTransaction } from '../db/transaction.ts';
import { advanceBoundaries, settleBoundary } from './attribution/advance.ts';
import { drainCommissions, drainIntake } from './attribution/drain.ts';
import type { DrainOptions } from './attribution/drain.ts';
import type { ActivityDeps } from './deps.ts';
import { startLateSettlements } from './late-settlement.ts';
import { askAboutSetAsideWork } from './set-aside-work.ts';

/** A program at the workflow's time (RFC 3339). */
export interface FeedMoment {
  programId: string;
  at: string;
}

export interface FeedPass {
  /** Work rows consumed. */
  taken: number;
  /** Conversions credited anew and commissions posted. */
  changed: number;
  /** The next boundary that is not sealed; null: none is known. */
  nextBoundary: string | null;
}

/**
 * The feed comes back to boundaries, reviews and failed work at least this often. What is left then is taken in the next pass, which a nudge
 * starts within a second while facts come in, and the feed itself within two.
 */
const MOST_MS_PER_DRAIN = 20_000;

/** The activities of the attribution feed: facts → credit → commission, and the boundaries between them. */
export function createFeedActivities(deps: ActivityDeps) {
  const { pool, client, taskQueues, log } = deps;
  return {
    /** Credits what waits. Twice writes nothing; a dead attempt's transactions are whole or gone. */
    async drainIntake({ programId, at }: FeedMoment): Promise<FeedPass> {
      const { taken, changed } = await drainIntake(pool, programId, { ...drainOptions(at), mostMs: MOST_MS_PER_DRAIN });
      return { taken, changed, nextBoundary: await boundaryOf(programId) };
    },

    /**
     * Posts what waits, opens the review of every hold that a screen placed, settles what came after the end of a
     * contract, and asks about work that failed for good.
     */
    async drainCommissions({ programId, at }: FeedMoment): Promise<FeedPass> {
      const { taken, changed } = await drainCommissions(pool, programId, {
        ...drainOptions(at),
        mostMs: MOST_MS_PER_DRAIN,
      });
      await openReviews(programId);
      await startLateSettlements(deps, programId);
      await askAboutSetAsideWork(deps, programId);
      return { taken, changed, nextBoundary: await boundaryOf(programId) };
    },

    /** Cuts, drains and seals every boundary up to the workflow's time, in order. */
    async advanceBoundaries({ programId, at }: FeedMoment): Promise<FeedPass> {
      const { drained } = await advanceBoundaries(pool, programId, drainOptions(at));
      return { taken: drained.taken, changed: drained.changed, nextBoundary: await boundaryOf(programId) };
    },

    /** Makes sure that everything received before an instant is credited and posted, and the instant sealed. */
    async settleBoundary({ programId, at, boundary }: FeedMoment & { boundary: string }): Promise<void> {
      await settleBoundary(pool, programId, boundary, drainOptions(at));
    },
  };

  async function boundaryOf(programId: string): Promise<string | null> {
    return inTransaction(pool, programId, nextBoundary);
  }

  /** By the holds without a review, not by what this attempt placed: an attempt may die between its transaction and here. */
  async function openReviews(programId: string): Promise<void> {
    const holds = await inTransaction(pool, programId, (tx) => listUnreviewedHolds(tx));
    for (const { id } of holds) {
      try {
        await client.workflow.start('approval', {
          taskQueue: taskQueues.journeys,
          workflowId: `approval/hold/${id}`,
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          workflowIdConflictPolicy: 'USE_EXISTING',
          args: [{ programId, subjectType: 'hold', subjectId: id, isRequested: true }],
          staticSummary: 'Review of a hold',
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        log.debug({ holdId: id }, 'the review of this hold was opened before');
      }
    }
  }
}

/** Heartbeat and cancellation of the running activity; outside of one there are none. */
export function drainOptions(now: string): DrainOptions {
  const context = currentContext();
  if (!context) return { now };
  return { now, signal: context.cancellationSignal, heartbeat: (done) => context.heartbeat(done) };
}

function currentContext(): Context | undefined {
  try {
    return Context.current();
  } catch {
    return undefined;
  }
}
