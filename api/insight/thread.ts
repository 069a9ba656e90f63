import { parentPort, workerData } from 'node:worker_threads';
import { DomainError } from '../../domain/errors.ts';
import type { ErrorCode, ErrorDetails } from '../../domain/errors.ts';
import { unpackJourneys } from './packed-journeys.ts';
import type { PackedJourneys } from './packed-journeys.ts';
import { doInsightWork } from './work.ts';
import type { InsightResults, InsightWork } from './work.ts';

/** What a thread is started with. */
export interface ThreadWork {
  journeys: PackedJourneys;
  work: InsightWork;
}

/** What a thread says once. `milliseconds` is the time of the work alone. */
export type ThreadAnswer =
  | { result: InsightResults[InsightWork['kind']]; milliseconds: number }
  | { refusal: { code: ErrorCode; message: string; details: ErrorDetails } };

// Errors of classes do not survive the way to another thread; refusals go as data, everything else as the thread's own error.
try {
  const { journeys, work } = workerData as ThreadWork;
  const unpacked = unpackJourneys(journeys);
  const startMs = performance.now();
  const result = doInsightWork(unpacked, work);
  answer({ result, milliseconds: Math.round((performance.now() - startMs) * 1_000) / 1_000 });
} catch (error) {
  if (!(error instanceof DomainError)) throw error;
  answer({ refusal: { code: error.code, message: error.message, details: error.details } });
}

function answer(message: ThreadAnswer): void {
  parentPort?.postMessage(message);
}
