import { readFileSync } from 'node:fs';
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
