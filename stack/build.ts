import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { holdBuildLock } from './build-lock.ts';
import { findRoot } from './root.ts';

/** What `dist/` is made from; the lock file stands for all packages. */
const FILES = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

const config = z.object({ include: z.array(z.string()) });

const root = findRoot();
const mark = join(root, 'dist', '.fingerprint');

/** One hash over names and contents: a checkout sets every file's time anew, so times would tell nothing. */
function fingerprint(): string {
  const { include } = config.parse(JSON.parse(readFileSync(join(root, 'tsconfig.build.json'), 'utf8')));
  const hash = createHash('sha256');
  for (const path of [...FILES, ...[...include, 'web'].flatMap((folder) => listSources(folder))]) {
    if (existsSync(join(root, path))) hash.update(`${path}\0`).update(readFileSync(join(root, path)));
  }
  return hash.digest('hex');
}

function listSources(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder))
    .toSorted()
    .map((name) => `${folder}/${name}`)
    .flatMap((path) => (statSync(join(root, path)).isDirectory() ? listSources(path) : [path]));
}

/** Runs a program of node_modules; its own output is the message when it fails. */
function run(script: string, args: string[]): void {
  try {
    execFileSync(process.execPath, [join(root, script), ...args], { cwd: root, stdio: 'inherit' });
  } catch (error) {
    process.exit((error as { status?: number }).status ?? 1);
  }
}

new Command('npm run build --')
  .description(
    'Compiles to dist/ and bundles the workflows and the snippet for web pages. Does nothing when the sources are unchanged.',
  )
  .allowExcessArguments(false)
  .parse();

const isBuilt = (current: string) => existsSync(mark) && readFileSync(mark, 'utf8') === current;

const current = fingerprint();
if (!isBuilt(current)) {
  const release = await holdBuildLock(join(root, 'dist', '.building'));
  process.once('exit', release);
  // Whoever was waited for may have made the same.
  if (!isBuilt(current)) build(current);
}

function build(current: string): void {
  process.stdout.write('Building …\n');
  run('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.build.json']);
  if (existsSync(join(root, 'dist/worker/bundle-main.js'))) run('dist/worker/bundle-main.js', []);
  if (existsSync(join(root, 'dist/api/snippet/bundle-main.js'))) run('dist/api/snippet/bundle-main.js', []);
  writeFileSync(mark, current);
}
