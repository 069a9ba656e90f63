import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endProcess, forgetProcess, recordProcess } from '../runtime/process-record.ts';
import type { Part, RunningPart } from './part.ts';
import { trimLog } from './log-file.ts';

export interface NodePartOptions {
  name: string;
  /** Where `script` is relative to, so that the command line reads `node dist/api/main.js`. */
  root: string;
  script: string;
  args?: string[];
  /** The whole environment of the process. */
  env: NodeJS.ProcessEnv;
  stateDir: string;
  /** Upper bound of the heap; the rest of a process comes on top. */
  heapMb: number;
  /** Room for young objects: little saves memory, more saves the time of collecting them where many requests come. */
  youngMb?: number;
  /** Asked again and again until it is true; absent: usable at once. */
  isReady?: () => Promise<boolean>;
  readyWithinMs?: number;
}

/** A worker lets activities finish for ten seconds; then it may go. */
const STOP_GRACE_MS = 15_000;

/** One of our own programs as a part of the tree: its output goes to `<stateDir>/logs/<name>.log`. */
export function nodePart(options: NodePartOptions): Part {
  return { name: options.name, start: (signal) => startNode(options, signal) };
}

async function startNode(options: NodePartOptions, signal: AbortSignal): Promise<RunningPart> {
  const { name, stateDir } = options;
  const logFile = join(stateDir, 'logs', `${name}.log`);
  const pidFile = join(stateDir, 'pids', `${name}.json`);
  trimLog(logFile);
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(process.execPath, [options.script, ...(options.args ?? [])], {
    cwd: options.root,
    // Its own session: Ctrl-C in the terminal reaches the supervisor alone, which stops the parts in order.
    detached: true,
    // The channel tells the child when the supervisor is gone, however it went.
    stdio: ['ignore', log, log, 'ipc'],
    env: {
      ...options.env,
      NODE_OPTIONS: `--max-old-space-size=${options.heapMb} --max-semi-space-size=${options.youngMb ?? 4} --enable-source-maps`,
    },
  });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started (${error.message})`));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`),
    );
  });
  if (child.pid === undefined) throw new Error(`${name} ${await ended}`);
  const record = recordProcess(pidFile, child.pid, `node ${options.script}`);
  const running: RunningPart = {
    pid: child.pid,
    ended,
    stop: async () => {
      await endProcess(record, { graceMs: STOP_GRACE_MS });
      forgetProcess(pidFile);
    },
  };
  if (options.isReady) await waitUntilReady(options, running, { logFile, signal });
  return running;
}

async function waitUntilReady(
  options: NodePartOptions,
  running: RunningPart,
  { logFile, signal }: { logFile: string; signal: AbortSignal },
): Promise<void> {
  const { name, isReady, readyWithinMs = 60_000 } = options;
  const until = Date.now() + readyWithinMs;
  let end: string | null = null;
  void running.ended.then((how) => (end = how));
  while (!(await isReady?.())) {
    if (signal.aborted) return running.stop();
    if (end !== null)
      throw new Error(`${name} ${String(end)} while starting. Its last words, in ${logFile}:\n${lastLines(logFile)}`);
    if (Date.now() > until) {
      await running.stop();
      throw new Error(
        `${name} was not ready within ${readyWithinMs / 1000} s. Its last words, in ${logFile}:\n${lastLines(logFile)}`,
      );
    }
    await delay(50);
  }
}

function lastLines(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
}
