import { setTimeout as delay } from 'node:timers/promises';

/**
 * Repeats a check until it holds, instead of sleeping for a time that is too long or too short. Throws the last failure.
 * @param withinMs how long it may take
 */
export async function eventually<T>(check: () => T | Promise<T>, withinMs = 10_000): Promise<T> {
  const until = Date.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= until) throw error;
      await delay(20);
    }
  }
}
