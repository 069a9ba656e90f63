import { settleBoundary } from '../../activities/attribution/advance.ts';
import { feedStep } from '../../activities/attribution/feed-step.ts';
import { NoOpenWindow } from '../../activities/attribution/no-open-window.ts';
import { postStep } from '../../activities/attribution/post-step.ts';
import {
  cancelReevaluationRun,
  cutReevaluation,
  executeReevaluation,
  postReevaluation,
} from '../../activities/attribution/reevaluation-run.ts';
import { newId } from '../../db/ids.ts';
import { getEvaluation, insertEvaluation } from '../../db/queries/evaluation.ts';
import type { Tx } from '../../db/transaction.ts';
import type { Policy } from '../../domain/attribution/policy.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Step } from './action.ts';
import { askStudy, assertSameLines, carryOutStudy, rangeOf } from './actions/studies.ts';
import { BrokenInvariant } from './broken-invariant.ts';
import { insertDraft } from './draft.ts';
import { BY } from './world.ts';
import type { World } from './world.ts';

export interface Plan {
  policy: Policy;
  downward: 'recover' | 'waive';
  /** How much of the past is left out, 0 to 1. */
  part?: number;
  /** Whether a study of its own comes first and must say the same. */
  isCompared?: boolean;
  /** What happens between the cut and the study. */
  beforeStudy?: readonly Step[];
  /** What happens between the study and the execution. */
  afterStudy?: readonly Step[];
}

export interface Evaluation {
  evaluationId: string;
  studyId: string;
}

async function cut(world: World, { policy, downward, part, isCompared, beforeStudy = [] }: Plan): Promise<Evaluation> {
  const { pool, programId } = world;
  const policyId = await insertDraft(world, policy);
  const range = await rangeOf(world, part);
  const approved = isCompared ? await askStudy(world, { policyId, ...range }) : null;
  if (approved) await carryOutStudy(world, approved);
  const evaluationId = newId('evaluation');
  const studyId = await askStudy(world, { policyId, evaluationId, ...range });
  const evaluation = { id: evaluationId, policyId, studyId, approvedStudyId: approved, downward, ...range };
  await world.tx((tx) => insertEvaluation(tx, { ...evaluation, feedbackId: null, requestedBy: BY.id }));
  await cutReevaluation(pool, programId, evaluationId, { now: world.now });
  for (const step of beforeStudy) await step.run(world);
  await carryOutStudy(world, studyId);
  if (approved) await assertSameLines(world, 'a re-evaluation at once is its study', [approved, studyId]);
  return { evaluationId, studyId };
}

async function post(world: World, evaluationId: string): Promise<void> {
  for (let times = 0; times < 2; times += 1)
    await postReevaluation(world.pool, world.programId, evaluationId, { now: world.now });
  await world.drain();
}

async function execute(world: World, evaluationId: string): Promise<void> {
  for (let times = 0; times < 2; times += 1)
    await executeReevaluation(world.pool, world.programId, evaluationId, world.now);
}

/** Cut, study, execution and posting, the last two twice. */
export async function reevaluate(world: World, plan: Plan): Promise<Evaluation> {
  world.mayMoveLocked = true;
  const evaluation = await cut(world, plan);
  for (const step of plan.afterStudy ?? []) await step.run(world);
  await execute(world, evaluation.evaluationId);
  await post(world, evaluation.evaluationId);
  return evaluation;
}

/** After the execution single steps of feed and poster, with facts between them. */
export async function sliced(
  world: World,
  { slices, ...plan }: Plan & { slices: readonly ('feed' | 'post' | Step)[] },
): Promise<Evaluation> {
  world.mayMoveLocked = true;
  const evaluation = await cut(world, plan);
  const { evaluationId } = evaluation;
  await execute(world, evaluationId);
  const { executedAt } = await world.tx((tx) => getEvaluation(tx, evaluationId));
  await settleBoundary(world.pool, world.programId, executedAt!, { now: world.now });
  for (const slice of slices) {
    if (slice === 'feed') await step(world, (tx) => feedStep(tx, world.now));
    else if (slice === 'post') await step(world, (tx) => postStep(tx, world.now));
    else await slice.run(world);
  }
  await post(world, evaluationId);
  return evaluation;
}

/** A drain opens the windows that a step misses, and makes the step again. */
async function step(world: World, work: (tx: Tx) => Promise<unknown>): Promise<void> {
  try {
    await world.tx(work);
  } catch (error) {
    if (!(error instanceof NoOpenWindow)) throw error;
  }
}

/** Cancelled before it is carried out, it can be carried out no more. */
export async function cancelled(world: World, plan: Plan): Promise<void> {
  const { evaluationId } = await cut(world, plan);
  const isCancelled = await cancelReevaluationRun(world.pool, world.programId, evaluationId, {
    at: world.now,
    actor: BY,
  });
  if (!isCancelled) throw new BrokenInvariant('a re-evaluation can be cancelled', evaluationId);
  await assertRefused(world, evaluationId);
}

/** Of two that were cut one after the other, and are carried out the other way round, the first is refused: what it compares with is gone. */
export async function conflicting(world: World, { one, other }: { one: Plan; other: Plan }): Promise<void> {
  const { evaluationId } = await cut(world, one);
  await reevaluate(world, other);
  await assertRefused(world, evaluationId);
  await cancelReevaluationRun(world.pool, world.programId, evaluationId, { at: world.now, actor: BY });
}

async function assertRefused(world: World, evaluationId: string): Promise<void> {
  try {
    await executeReevaluation(world.pool, world.programId, evaluationId, world.now);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'conflict') return;
    throw error;
  }
  throw new BrokenInvariant('a re-evaluation that is over, or too late, is refused', evaluationId);
}
