import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Folders that hold the product's code; tests stand apart. */
export const LAYERS = [
  'domain',
  'workflows',
  'activities',
  'db',
  'api',
  'worker',
  'runtime',
  'stack',
  'audit',
  'demo',
  'bench',
] as const;

/** Every file that is or would be committed, by its path from the root, sorted. */
export function listFiles(): string[] {
  const output = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return [...new Set(output.split('\n'))].filter((path) => path !== '' && existsSync(join(ROOT, path))).toSorted();
}

/** The text of a file, by its path from the root. */
export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The line of an offset into a text, counted from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/**
 * Where a pattern stands in files.
 * @param pattern with the flags `g` and, to use `^` and `$` for lines, `m`
 * @returns `path:line text`, sorted by path and place
 */
export function findMatches(paths: string[], pattern: RegExp): string[] {
  return paths.flatMap((path) => {
    const text = readText(path);
    return [...text.matchAll(pattern)].map((match) => `${path}:${lineAt(text, match.index)} ${match[0].trim()}`);
  });
}
