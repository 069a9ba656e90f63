import { setTimeout as delay } from 'node:timers/promises';

/** Where nobody looks on, a slow machine is no fault: only what never holds is. */
const PATIENCE = process.env.CI === 'true' ? 2 : 1;

/** A moment that has come is seen at once; who waits long asks less often, and leaves the processor to what it waits for. */
const SHORTEST_MS = 20;
const LONGEST_MS = 100;

/**
 * Repeats a check until it holds, instead of sleeping for a time that is too long or too short. Throws the last failure.
 * @param withinMs how long it may take; twice as long in CI
 */
export async function eventually<T>(check: () => T | Promise<T>, withinMs = 10_000): Promise<T> {
  const since = Date.now();
  const until = since + withinMs * PATIENCE;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= until) throw error;
      await delay(Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (Date.now() - since) / 20)));
    }
  }
}
