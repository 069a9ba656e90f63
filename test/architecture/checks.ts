import { spawnSync } from 'node:child_process';
import { ROOT } from './tree.ts';

export interface Check {
  name: string;
  /** Program and arguments, from the root of the repository. */
  command: [string, ...string[]];
  /** What to do when it fails. */
  remedy: string;
}

/** What must hold of every commit beside the tests themselves; layers are rules of the linter. */
export const CHECKS: Check[] = [
  { name: 'types', command: ['node_modules/.bin/tsc', '--noEmit'], remedy: 'mend the types' },
  { name: 'types for browsers', command: ['node_modules/.bin/tsc', '-p', 'web'], remedy: 'mend the types' },
  { name: 'lint and layers', command: ['node_modules/.bin/oxlint'], remedy: 'each finding says its reason' },
  { name: 'format', command: ['node_modules/.bin/prettier', '--check', '.'], remedy: 'npm run format' },
];

/** Checks that a test of their own makes as well, for use without the tests. */
export const DUMP_CHECKS: Check[] = [
  {
    name: 'schema dump',
    command: ['node_modules/.bin/tsx', 'db/dump-main.ts', '--check'],
    remedy: 'npm run schema:dump',
  },
  { name: 'OpenAPI', command: ['node_modules/.bin/tsx', 'api/openapi-main.ts', '--check'], remedy: 'npm run openapi' },
];

/** Runs a check to its end. @returns null when it holds, else what it printed */
export function runCheck({ command: [program, ...args] }: Check): string | null {
  const run = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (run.error !== undefined) return run.error.message;
  return run.status === 0 ? null : `${run.stdout}${run.stderr}`.trim();
}
