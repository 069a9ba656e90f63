import type { Logger } from './log.ts';

export interface Shutdown {
  /** Registers what must be stopped. The last registered is stopped first, so register what others need early. */
  add(name: string, stop: () => Promise<void> | void): void;
  /** Stops everything once; later calls wait for the first. */
  run(reason: string): Promise<void>;
}

export interface ShutdownOptions {
  log: Logger;
  /** After this the process ends whatever is still running. */
  withinMs?: number;
  /** Ends the process; tests hand in their own. */
  exit?: (code: number) => void;
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Ends a process in order: on a signal, when the parent that started it over IPC is gone, and on an error that
 * nobody caught (then with exit code 1). A part that fails to stop does not keep the others from stopping.
 */
export function handleShutdown(options: ShutdownOptions): Shutdown {
  const { log, withinMs = 20_000, exit = (code) => process.exit(code) } = options;
  const parts: { name: string; stop: () => Promise<void> | void }[] = [];
  let running: Promise<void> | null = null;

  async function stopAll(reason: string, code: number): Promise<void> {
    log.info({ reason }, 'stopping');
    const deadline = setTimeout(() => {
      log.error({ withinMs }, 'not everything stopped in time');
      exit(1);
    }, withinMs);
    for (const part of parts.toReversed()) {
      try {
        await part.stop();
      } catch (error) {
        log.error({ err: error, part: part.name }, 'a part did not stop cleanly');
      }
    }
    clearTimeout(deadline);
    log.info('stopped');
    exit(code);
  }

  function run(reason: string, code = 0): Promise<void> {
    running ??= stopAll(reason, code);
    return running;
  }

  for (const signal of SIGNALS) process.on(signal, () => void run(signal));
  // A supervisor that was killed closes the channel: without this its children would live on, holding their ports.
  process.on('disconnect', () => void run('the parent process is gone'));
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'an error that nobody caught');
    void run('uncaught error', 1);
  });
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'a rejection that nobody caught');
    void run('unhandled rejection', 1);
  });
  return { add: (name, stop) => parts.push({ name, stop }), run: (reason) => run(reason) };
}
