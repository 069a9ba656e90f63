import { isDatabaseAway } from '../../db/away.ts';
import type { Pool } from '../../db/pool.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { readClock } from '../../db/queries/program-clock.ts';
import { noteFailedWork, peekWork } from '../../db/queries/work-queue.ts';
import type { Queue } from '../../db/queries/work-queue.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Tx } from '../../db/transaction.ts';
import { SYSTEM } from '../../domain/actor.ts';
import { openAllWindows } from '../windows.ts';
import { feedStep, WORK_PER_STEP } from './feed-step.ts';
import type { StepResult } from './feed-step.ts';
import { NoOpenWindow } from './no-open-window.ts';
import { postStep } from './post-step.ts';
import { currentWorkflow } from '../workflow-context.ts';

/** What a drain needs of whoever runs it; an activity hands in its heartbeat and cancellation. */
export interface DrainOptions {
  /** The workflow's time, RFC 3339: dates entries and events, and says which windows must exist. */
  now: string;
  signal?: AbortSignal;
  heartbeat?: (done: number) => void;
  /** Stops after this time with work left, for a caller who comes again; without it a drain ends when nothing waits. */
  mostMs?: number;
  /** The longest transaction of a step; half a minute at most, so that an old attempt of an activity is dead before the next one starts. */
  stepTimeoutMs?: number;
}

export interface DrainResult {
  taken: number;
  changed: number;
  /** Work that failed three times in this drain and left the queue. */
  setAside: number;
  holdIds: string[];
}

/** An old attempt of an activity is dead before the next one starts, which is half a minute after its last heartbeat. */
const STEP_TIMEOUT_MS = 25_000;
const MOST_TRIES = 3;

/** Credits what waits, until nothing received before the horizon is left. Any number may run at once. */
export async function drainIntake(pool: Pool, programId: string, options: DrainOptions): Promise<DrainResult> {
  await openAllWindows(pool, programId, options.now);
  return credit(pool, programId, options);
}

/**
 * Posts what waits, until nothing received before the horizon is left. Any number may run at once. Before each step it credits what came in
 * meanwhile: posting costs more than crediting, and a conversion must not wait for the commissions of those before it.
 */
export async function drainCommissions(pool: Pool, programId: string, options: DrainOptions): Promise<DrainResult> {
  const began = performance.now();
  const credited: DrainResult = { taken: 0, changed: 0, setAside: 0, holdIds: [] };
  const creditFirst = async (taken: number) => {
    if (taken === 0) return;
    const left = options.mostMs === undefined ? undefined : options.mostMs - (performance.now() - began);
    addTo(credited, await credit(pool, programId, { ...options, mostMs: left }));
  };
  const post = (tx: Tx, only?: number) => postStep(tx, options.now, only);
  const posted = await drain(pool, programId, options, 'commission_work', post, creditFirst);
  addTo(posted, credited);
  return posted;
}

/** Adds what another drain came to. */
export function addTo(sum: DrainResult, more: DrainResult): void {
  sum.taken += more.taken;
  sum.changed += more.changed;
  sum.setAside += more.setAside;
  sum.holdIds.push(...more.holdIds);
}

function credit(pool: Pool, programId: string, options: DrainOptions): Promise<DrainResult> {
  let putOff = 0;
  return drain(pool, programId, options, 'intake_work', async (tx, only) => {
    const done = await feedStep(tx, options.now, { only, putOff });
    putOff = done.putOff;
    return done;
  });
}

type Step = (tx: Tx, only?: number) => Promise<StepResult & { holdIds?: string[] }>;

async function drain(
  pool: Pool,
  programId: string,
  options: DrainOptions,
  queue: Queue,
  step: Step,
  beforeNext?: (taken: number) => Promise<void>,
): Promise<DrainResult> {
  const began = performance.now();
  const result: DrainResult = { taken: 0, changed: 0, setAside: 0, holdIds: [] };
  const run = async (only?: number) => {
    const done = await withWindows(pool, programId, options.now, () =>
      inTransaction(pool, programId, (tx) => step(tx, only), {
        timeoutMs: options.stepTimeoutMs ?? STEP_TIMEOUT_MS,
      }),
    );
    result.taken += done.taken;
    result.changed += done.changed;
    result.holdIds.push(...(done.holdIds ?? []));
    return done.taken;
  };
  for (;;) {
    options.signal?.throwIfAborted();
    options.heartbeat?.(result.taken);
    if (options.mostMs !== undefined && performance.now() - began > options.mostMs) return result;
    await beforeNext?.(result.taken);
    try {
      if ((await run()) === 0) return result;
    } catch (error) {
      if (isTransient(error)) throw error;
      result.setAside += await tryOneByOne(pool, programId, options, queue, run);
    }
  }
}

/** A partner whose contract ended may have no open window for a correction: the calendar goes on for it. */
async function withWindows<Result>(
  pool: Pool,
  programId: string,
  now: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof NoOpenWindow)) throw error;
    await openAllWindows(pool, programId, await laterOf(pool, programId, now), error.partnerIds);
    return work();
  }
}

/** A window is open only after everything that is sealed, which may lie after the caller's time. */
async function laterOf(pool: Pool, programId: string, now: string): Promise<string> {
  const { sealedAt } = await inTransaction(pool, programId, readClock, { mode: 'snapshot' });
  return sealedAt !== '-infinity' && Date.parse(sealedAt) > Date.parse(now) ? sealedAt : now;
}

/** Finds the row that fails or takes too long: each alone, three times, then it waits for a person and the others go on. */
async function tryOneByOne(
  pool: Pool,
  programId: string,
  { now, signal, heartbeat }: DrainOptions,
  queue: Queue,
  run: (only: number) => Promise<number>,
): Promise<number> {
  const rows = await inTransaction(pool, programId, async (tx) =>
    peekWork(tx, queue, (await readClock(tx)).horizon, WORK_PER_STEP),
  );
  let setAside = 0;
  for (const [index, { seq }] of rows.entries()) {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      signal?.throwIfAborted();
      heartbeat?.(index);
      try {
        await run(seq);
        break;
      } catch (error) {
        if (isTransient(error)) throw error;
        const isGone = await inTransaction(pool, programId, async (tx) => {
          const gone = await noteFailedWork(tx, queue, seq, String((error as Error).stack ?? error));
          if (gone)
            await recordEvent(tx, {
              kind: 'work.set-aside',
              actor: SYSTEM,
              at: now,
              subject: { type: 'program', id: programId },
              data: { queue, seq },
              workflow: currentWorkflow(),
            });
          return gone;
        });
        if (!isGone) continue;
        setAside += 1;
        break;
      }
    }
  }
  return setAside;
}

/** Too much for one transaction: in smaller parts it may pass, and a part that never does would hold up all others for ever. */
const OVER_TIME = '25P04';

/** The database is away or busy, or the work was cancelled: that is nobody's fault, and the activity is tried again as a whole. */
function isTransient(error: unknown): boolean {
  const { code, name } = error as { code?: string; name?: string };
  if (code === OVER_TIME) return false;
  if (name === 'AbortError' || name === 'CancelledFailure') return true;
  return isDatabaseAway(error) || /^(57|53|40|55|25P0)/.test(code ?? '');
}
