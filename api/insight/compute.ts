import { Worker } from 'node:worker_threads';
import type { ComparedJourney } from '../../domain/attribution/compare.ts';
import { DomainError, invalid } from '../../domain/errors.ts';
import { packJourneys, transferables } from './packed-journeys.ts';
import type { ThreadAnswer, ThreadWork } from './thread.ts';
import type { InsightResults, InsightWork } from './work.ts';

/** One core computes, the others answer. */
const MOST_AT_ONCE = 1;
const MOST_WAITING = 8;
const MOST_HEAP_MB = 1_024;

/** Built, the thread is a file of its own; from sources (tests) it needs a loader before it can read one. */
const FROM_SOURCES = `
  import('tsx/esm/api').then(({ register }) => {
    register();
    return import(${JSON.stringify(new URL('./thread.ts', import.meta.url).href)});
  });`;
const IS_SOURCE = import.meta.url.endsWith('.ts');

let running = 0;
const waiting: (() => void)[] = [];

/**
 * Fits or compares in a thread of its own, so that the API goes on answering; one at a time, the next ones wait their turn. Journeys are read
 * when the turn has come, so that those who wait hold no rows.
 * @returns the result, what was read, and the milliseconds that the work alone took
 * @throws DomainError `invalid` also when it takes longer than `limitMs`, `unavailable` when too many wait already
 */
export async function computeInsight<Work extends InsightWork, Read extends { journeys: readonly ComparedJourney[] }>(
  read: () => Promise<Read>,
  work: Work,
  limitMs = 60_000,
): Promise<Computed<Work> & Omit<Read, 'journeys'>> {
  await turn();
  try {
    const { journeys, ...rest } = await read();
    const answer = await answerOf({ journeys: await packJourneys(journeys), work }, limitMs);
    if ('result' in answer) return { ...rest, ...(answer as Computed<Work>) };
    const { code, message, details } = answer.refusal;
    throw new DomainError(code, message, details);
  } finally {
    // Whoever waits takes the place over, so that nobody slips in between.
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

interface Computed<Work extends InsightWork> {
  result: InsightResults[Work['kind']];
  milliseconds: number;
}

async function turn(): Promise<void> {
  if (running < MOST_AT_ONCE) {
    running += 1;
    return;
  }
  if (waiting.length >= MOST_WAITING) {
    throw new DomainError('unavailable', 'Other fits and comparisons are being computed; try again in a moment.');
  }
  await new Promise<void>((resolve) => waiting.push(resolve));
}

async function answerOf(input: ThreadWork, limitMs: number): Promise<ThreadAnswer> {
  const thread = new Worker(IS_SOURCE ? FROM_SOURCES : new URL('./thread.js', import.meta.url), {
    eval: IS_SOURCE,
    workerData: input,
    transferList: transferables(input.journeys),
    resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<ThreadAnswer>((resolve, reject) => {
      thread.once('message', resolve);
      thread.once('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch('memory than there is') : error),
      );
      thread.once('exit', (code) => reject(new Error(`The thread ended with ${code} before it answered.`)));
      timer = setTimeout(() => reject(tooMuch(`than ${limitMs / 1_000} seconds`)), limitMs);
    });
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}

function tooMuch(what: string): DomainError {
  return invalid('source', `This takes more ${what}; choose a shorter range, a lower order or fewer models.`);
}
