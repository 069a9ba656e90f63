import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Tree } from '../support/tree.ts';

interface Report {
  programId: string;
  findings: { name: string; result: 'ok' | 'explained' | 'fault' | 'not-checked'; detail: string | null }[];
}

const STILL_AT_WORK = 'no fact waits to be worked on';
const NOT_RUN = 'The audit did not run:';
const DRAIN_MS = 60_000;

/**
 * Runs `npm run audit` on the tree's state, once it is up again and its feed has worked through what came last.
 * @returns a line for each invariant that does not hold or could not be checked
 */
export async function auditTree(tree: Tree): Promise<string[]> {
  for (const until = Date.now() + DRAIN_MS; ;) {
    // The last kill may have been a moment ago: what it hit is still coming up then.
    const faults = await auditOnce(tree).catch((error: Error) => [`${NOT_RUN} ${error.message}`]);
    const isAtWork =
      faults.length > 0 && faults.every((line) => line.includes(STILL_AT_WORK) || line.startsWith(NOT_RUN));
    if (!isAtWork || Date.now() > until) return faults;
    await pause(500);
  }
}

async function auditOnce(tree: Tree): Promise<string[]> {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const output = await new Promise<string>((resolve, reject) => {
    execFile(
      'npx',
      ['tsx', 'audit/main.ts', '--json', '--state', tree.stateDir],
      { cwd: root, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        // Exit codes 1 and 2 tell of findings, which the report holds; anything else is the audit's own failure.
        if (error && stdout === '') reject(new Error(stderr || error.message));
        else resolve(stdout);
      },
    );
  });
  return (JSON.parse(output) as Report[]).flatMap(({ programId, findings }) =>
    findings
      .filter(({ result }) => result !== 'ok')
      .map(({ name, result, detail }) => `${programId}: ${name}: ${result} ${detail ?? ''}`),
  );
}
