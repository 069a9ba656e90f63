import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts one of our `main.ts` files as a real process; it ends with the test process, whatever happens. */
export function spawnScript(path: string, args: string[] = [], env: Record<string, string> = {}): ChildProcess {
  const script = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  return spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LOG_LEVEL: 'warn', ...env },
  });
}

/** The first message that a started process sends, for instance `{ port }`. */
export async function firstMessage<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The process ended with ${String(code)} before it said anything.`);
  });
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [T];
  return message;
}

/** Ends a process without a chance to tidy up. Resolves when it is gone. */
export async function killHard(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
