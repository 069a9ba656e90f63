import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from './postgres-account.ts';

/** The superuser's password of a state folder, made once and kept in a file that only its owner reads. */
export function keepPostgresPassword(stateDir: string): string {
  const file = join(stateDir, 'postgres.password');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const password = randomBytes(24).toString('hex');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
}

/**
 * Makes the data folder of a cluster: UTF-8, a collation that is the same on every machine, passwords for everybody.
 * @throws Error with initdb's own words
 */
export function makeCluster(cluster: { native: string; dataDir: string; account: Account; password: string }): void {
  const { native, account, password } = cluster;
  // Made beside its place and renamed when whole: a first start that is cut leaves nothing that looks like a cluster.
  const dataDir = `${cluster.dataDir}.making`;
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true });
  chmodSync(dataDir, 0o700);
  const passwordFile = `${dataDir}.pw`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account) {
    chownSync(dataDir, account.uid, account.gid);
    chownSync(passwordFile, account.uid, account.gid);
  }
  const flags = [
    ...['--auth=scram-sha-256', '--username=postgres', `--pwfile=${passwordFile}`, '--no-instructions'],
    ...['--encoding=UTF8', '--locale-provider=builtin', '--locale=C.UTF-8'],
  ];
  const result = spawnSync(join(native, 'bin', 'initdb'), ['-D', dataDir, ...flags], {
    ...(account && { uid: account.uid, gid: account.gid }),
    cwd: '/',
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    encoding: 'utf8',
  });
  rmSync(passwordFile, { force: true });
  if (result.status === 0) return renameSync(dataDir, cluster.dataDir);
  rmSync(dataDir, { recursive: true, force: true });
  const words = result.error?.message ?? result.stderr;
  throw new Error(`PostgreSQL could not make its data folder ${cluster.dataDir}:\n${words}`);
}
