import type { Request } from 'express';
import { DomainError } from '../domain/errors.ts';
import { liftBodyTime } from './body-time.ts';

/** A sender of whom nothing comes for so long is gone, though its connection does not say so. */
const QUIET_MS = 120_000;

export interface LongBodyOptions {
  /** Called while bytes come, every so often; what it throws ends the reading. */
  onGoing?(): Promise<void>;
  everyMs?: number;
  /** For tests. */
  quietMs?: number;
}

/**
 * The parts of a body that may come for hours.
 * @throws DomainError `unavailable` when nothing came for two minutes; the connection is closed then
 */
export async function* longBody(
  request: Request,
  { onGoing, everyMs = 0, quietMs = QUIET_MS }: LongBodyOptions = {},
): AsyncGenerator<Buffer> {
  liftBodyTime(request);
  let isWaiting = true;
  let toldAt = performance.now();
  const quiet = setTimeout(() => {
    // Whoever stores the parts may take its time: it is not the sender who is waited for then.
    if (isWaiting) request.destroy(new DomainError('unavailable', `Nothing came for ${quietMs / 1_000} seconds.`));
  }, quietMs);
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      isWaiting = false;
      if (onGoing && performance.now() - toldAt >= everyMs) {
        await onGoing();
        toldAt = performance.now();
      }
      yield part;
      isWaiting = true;
      quiet.refresh();
    }
  } finally {
    clearTimeout(quiet);
  }
}
