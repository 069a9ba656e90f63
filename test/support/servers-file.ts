import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logins } from '../../db/provision.ts';

/** What the global setup tells the test files. */
export interface ServersFile {
  stateDir: string;
  /** A superuser's URL. */
  postgresUrl: string;
  logins: Logins;
  temporalAddress: string;
  namespace: string;
}

/** @throws Error when the jest project of the calling test has no global setup */
export function readServersFile(): ServersFile {
  const path = process.env.TANDEM_TEST_STACK;
  if (path === undefined)
    throw new Error('No test servers run: give this jest project the global setup in jest.config.js.');
  return JSON.parse(readFileSync(path, 'utf8')) as ServersFile;
}

/** A new folder beside the data of this run's servers, in memory where they are, for a tree of processes that a test starts itself. */
export function makeRunFolder(prefix: string): string {
  const folder = mkdtempSync(join(readServersFile().stateDir, prefix));
  // Else its cluster would lie elsewhere when the tests run as root.
  chmodSync(folder, 0o755);
  return folder;
}
