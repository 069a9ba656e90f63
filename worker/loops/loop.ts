import type { Logger } from '../../runtime/log.ts';

/** A chore that is done again and again beside the Temporal worker. */
export interface LoopOptions {
  name: string;
  /** Pause after a pass that found nothing. */
  everyMs: number;
  /** One pass. Returns how much it did; after a pass that did something the next follows at once. */
  pass(signal: AbortSignal): Promise<number>;
  log: Logger;
  /** A pass that fails doubles the pause up to this. */
  longestPauseMs?: number;
}

export interface Loop {
  /** Interrupts the pause, lets a pass in progress finish, and resolves when it has. */
  stop(): Promise<void>;
}

const LONGEST_PAUSE_MS = 30_000;
/** Several workers must not all come at the same moment. */
const JITTER = 0.2;

/**
 * Repeats passes, never two at a time. The first failure of a row is logged, and its end: a database that is away for an hour fills no log.
 * A loop never ends by itself.
 */
export function startLoop(options: LoopOptions): Loop {
  const { name, everyMs, log, longestPauseMs = LONGEST_PAUSE_MS } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = repeat();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };

  async function repeat(): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      let done = 0;
      try {
        done = await options.pass(signal);
        if (failures > 0) log.info({ loop: name, failures }, 'the loop works again');
        failures = 0;
      } catch (error) {
        if (failures === 0) log.warn({ loop: name, err: error }, 'the loop failed; it goes on trying');
        failures += 1;
      }
      if (done === 0) await pause(pauseMs(failures), signal);
    }
  }

  function pauseMs(failures: number): number {
    const base = failures === 0 ? everyMs : Math.min(longestPauseMs, Math.max(everyMs, 250) * 2 ** failures);
    return base * (1 - JITTER / 2 + JITTER * Math.random());
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
