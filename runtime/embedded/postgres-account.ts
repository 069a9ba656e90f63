import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** The operating system's account that PostgreSQL runs as; `null` means ours. */
export type Account = { name: string; uid: number; gid: number } | null;

/**
 * PostgreSQL refuses to run as root. As a normal user we run it as ourselves; as root we take the first that exists
 * of `postgres` and `tandem-postgres`, else make `tandem-postgres`, else take `nobody`, which every system has.
 * @throws Error when not even `nobody` exists
 */
export function choosePostgresAccount(): Account {
  if (process.getuid?.() !== 0) return null;
  const existing = findAccount('postgres') ?? findAccount('tandem-postgres');
  if (existing) return existing;
  try {
    execFileSync('useradd', ['--system', '--no-create-home', '--user-group', 'tandem-postgres'], { stdio: 'ignore' });
  } catch {
    // No useradd in this image, or a read-only /etc: `nobody` does as well.
  }
  const made = findAccount('tandem-postgres') ?? findAccount('nobody');
  if (made) return made;
  throw new Error('PostgreSQL does not run as root and no other account exists. Start Tandem as a normal user.');
}

function findAccount(name: string): Account {
  if (!existsSync('/etc/passwd')) return null;
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [account, , uid, gid] = line.split(':');
    if (account === name) return { name, uid: Number(uid), gid: Number(gid) };
  }
  return null;
}

/** Whether another account may walk down to `path`: each folder above it must let strangers pass (`o+x`). */
export function isReachableByOthers(path: string): boolean {
  let folder = resolve(path);
  for (;;) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return false;
    const parent = dirname(folder);
    if (parent === folder) return true;
    folder = parent;
  }
}
