import { readFileSync } from 'node:fs';

/** Every workflow that is exported, by its name, which is its type in the history. */
export function workflowNames(): string[] {
  const source = readFileSync(new URL('../../workflows/index.ts', import.meta.url), 'utf8');
  return [...source.matchAll(/export \{ (\w+) \}/g)].map((match) => match[1]!);
}
