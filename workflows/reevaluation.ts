import {
  ActivityFailure,
  allHandlersFinished,
  condition,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { record, shard as work } from './activity-proxies.ts';
import { cancelReevaluation } from './messages.ts';
import type { Command } from './messages.ts';
import { now } from './pause.ts';
import { refuse } from './refusal.ts';
import { showStage } from './waiting.ts';

export interface ReevaluationInput {
  programId: string;
  evaluationId: string;
}

/** Conversions that one shard credits at least, and shards at most: small ones are done by one worker. */
const SHARD_LEAST = 2_500;
const SHARDS_MOST = 16;

type Ending = 'done' | 'cancelled' | 'failed';

/**
 * Past conversions under another policy: cut, credited and priced in shards over the workers, carried out in one short transaction,
 * posted. Until it is carried out it can be cancelled, and nothing was posted.
 */
export async function reevaluation({ programId, evaluationId }: ReevaluationInput): Promise<Ending> {
  const scope = { programId, workflowId: workflowInfo().workflowId };
  const progress = { isCancelled: false, isExecuted: false };
  setHandler(
    cancelReevaluation,
    async ({ actor }: Command) => {
      progress.isCancelled = await record.cancelReevaluation({ programId, evaluationId, actor, at: now() });
      if (!progress.isCancelled) throw tooLate();
      return { evaluationId };
    },
    {
      validator: (_: Command) => {
        if (progress.isExecuted) throw tooLate();
      },
    },
  );
  await record.noteRun({ programId, subject: { type: 'evaluation', id: evaluationId } });
  const ending = await run({ programId, evaluationId }, scope, progress);
  showStage(scope, ending);
  await condition(allHandlersFinished);
  await record.reportReevaluation({ programId, evaluationId, state: ending });
  return ending;
}

const tooLate = () =>
  refuse('illegal-transition', 'The re-evaluation was carried out; only another one can correct it.');

async function run(
  { programId, evaluationId }: ReevaluationInput,
  scope: { programId: string },
  progress: { isCancelled: boolean; isExecuted: boolean },
): Promise<Ending> {
  const { studyId, state } = await record.readReevaluation({ programId, evaluationId });
  if (state === 'done' || state === 'cancelled' || state === 'failed') return state;
  progress.isExecuted = state === 'executed';
  if (!progress.isExecuted) {
    const refused = await study({ programId, evaluationId }, studyId, scope, progress).catch((error: unknown) =>
      failed({ programId, evaluationId }, error),
    );
    if (refused !== null) return refused;
  }
  showStage(scope, 'posting');
  await work.postReevaluation({ programId, evaluationId, at: now() });
  await record.settleLate({ programId });
  return 'done';
}

/** A study that is refused for good, for instance by a weight below zero, ends the re-evaluation before anything was posted. */
async function failed({ programId, evaluationId }: ReevaluationInput, error: unknown): Promise<'failed'> {
  if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
  await record.failReevaluation({ programId, evaluationId, failure: error.cause?.message ?? error.message, at: now() });
  return 'failed';
}

/** Cuts, studies at the cut, and carries out. @returns null when it was carried out, else how it ended */
async function study(
  { programId, evaluationId }: ReevaluationInput,
  studyId: string,
  scope: { programId: string },
  progress: { isCancelled: boolean; isExecuted: boolean },
): Promise<'cancelled' | 'failed' | null> {
  showStage(scope, 'cut');
  await work.cutReevaluation({ programId, evaluationId, at: now() });
  const { total } = await record.beginStudy({ programId, studyId });
  const of = Math.min(SHARDS_MOST, Math.max(1, Math.ceil(total / SHARD_LEAST)));
  const shards = Array.from({ length: of }, (_, shard) => shard);

  showStage(scope, 'study');
  // All shards are credited before any is priced: tiers and caps look at a whole window.
  await Promise.all(shards.map((shard) => work.creditStudyShard({ programId, studyId, shard, of, at: now() })));
  if (progress.isCancelled) return 'cancelled';
  await Promise.all(shards.map((shard) => work.priceStudyShard({ programId, studyId, shard, of, at: now() })));
  const { state } = await record.finishStudy({ programId, studyId, at: now() });
  if (progress.isCancelled || state === 'cancelled') return 'cancelled';
  if (state !== 'done') return 'failed';
  progress.isExecuted = await record.executeReevaluation({ programId, evaluationId, at: now() });
  return progress.isExecuted ? null : 'cancelled';
}
