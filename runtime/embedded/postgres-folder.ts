import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Account } from './postgres-account.ts';
import { isReachableByOthers } from './postgres-account.ts';

/** Used only as root, when the state lies below a folder that no other account may enter (root's home, for instance). */
const ELSEWHERE = '/var/lib/tandem';

/**
 * Where the cluster of a state folder lies: `<stateDir>/postgres`, or a folder of its own below /var/lib/tandem when the
 * account cannot reach that. A cluster that exists is found again, whichever of the two was chosen for it.
 */
export function choosePostgresFolder(stateDir: string, account: Account): string {
  const found = findCluster(stateDir);
  if (found !== null) return found;
  if (account === null || isReachableByOthers(resolve(stateDir))) return inside(stateDir);
  mkdirSync(ELSEWHERE, { recursive: true, mode: 0o755 });
  return elsewhere(stateDir);
}

/** Removes the cluster of a state folder, wherever it lies. The server must have been stopped. */
export function removePostgresFolder(stateDir: string): void {
  const folder = findCluster(stateDir);
  if (folder !== null) rmSync(folder, { recursive: true, force: true });
}

/** The folder of the cluster that exists for this state, or `null`. */
export function findCluster(stateDir: string): string | null {
  const places = [inside(stateDir), elsewhere(stateDir)];
  return places.find((folder) => existsSync(join(folder, 'PG_VERSION'))) ?? null;
}

function inside(stateDir: string): string {
  return join(resolve(stateDir), 'postgres');
}

function elsewhere(stateDir: string): string {
  return join(ELSEWHERE, createHash('sha256').update(resolve(stateDir)).digest('hex').slice(0, 16));
}
