import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const NAME = 'rejected.jsonl';

/** One click that the database refused, with its reason. */
export interface RejectedClick {
  at: string;
  reason: string;
  click: object;
}

/** Keeps clicks beside the journal for a person, on disk before it returns. @throws Error of the file system */
export function keepRejected(folder: string, rejected: readonly RejectedClick[]): void {
  const lines = rejected.map((one) => `${JSON.stringify(one)}\n`).join('');
  appendFileSync(join(folder, NAME), lines, { mode: 0o600 });
}

/** The file of a journal's folder and how many clicks are in it; undefined when there is none. */
export function countRejected(folder: string): { file: string; clicks: number } | undefined {
  const file = join(folder, NAME);
  if (!existsSync(file)) return undefined;
  return { file, clicks: readFileSync(file, 'utf8').split('\n').length - 1 };
}
