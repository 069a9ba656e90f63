import { parentPort, workerData } from 'node:worker_threads';
import { benchArithmetic } from './arithmetic.ts';

/** When a thread worked, in milliseconds of the clock that all threads share. */
export interface ThreadTime {
  beganAt: number;
  endedAt: number;
}

const clock = () => performance.timeOrigin + performance.now();
const beganAt = clock();
benchArithmetic(workerData as number);
parentPort!.postMessage({ beganAt, endedAt: clock() } satisfies ThreadTime);
