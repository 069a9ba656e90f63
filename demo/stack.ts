import { readConfig } from '../runtime/config.ts';
import { findFreePort } from '../runtime/free-port.ts';
import { Supervisor } from '../stack/part.ts';
import { startTree } from '../stack/start.ts';
import type { Places } from '../stack/start.ts';
import { claimStateFolder } from '../stack/state-folder.ts';

export interface DemoStack {
  places: Places;
  /** Resolves at Ctrl-C. */
  interrupted: Promise<void>;
  stop(): Promise<void>;
}

/** Starts a stack with gates of seconds on ports of its own. Ctrl-C stops it in order, also in the middle of the story. */
export async function startDemoStack(stateDir: string, say: (line: string) => void): Promise<DemoStack> {
  const supervisor = new Supervisor({ say });
  const state = await claimStateFolder(stateDir, { reset: false, say });
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= supervisor.stop().then(() => state.release()));
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        resolve();
        void stop().then(() => process.exit(130));
      });
    }
  });
  try {
    const options = { isFast: true, port: await findFreePort(), stateDir: state.dir, reset: false };
    const places = await startTree({ config: readConfig(), options, stateDir: state.dir, supervisor, say });
    return { places, interrupted, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
