import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { ZodType } from 'zod';

/** Reads a JSON file of the state folder; `null` when it is not there. @throws Error naming a file that cannot be used */
export function readKept<T>(file: string, schema: ZodType<T>): T | null {
  if (!existsSync(file)) return null;
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(`${file} cannot be read. Remove it, or start with --reset to begin anew.`, { cause: error });
  }
}

/** Writes a JSON file whole or not at all, for its owner's eyes only. */
export function writeKept(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
