import { z } from 'zod';
import { readKept, writeKept } from './kept-file.ts';
import type { Access } from './seed/access.ts';

const schema: z.ZodType<Access> = z.object({
  baseUrl: z.string(),
  mailUrl: z.string(),
  providerUrl: z.string(),
  programId: z.string(),
  apiKey: z.string(),
  people: z.array(z.object({ email: z.string(), role: z.string(), apiKey: z.string(), signInUrl: z.string() })),
  partners: z.array(z.object({ id: z.string(), email: z.string(), apiKey: z.string() })),
});

/** What an earlier start wrote, or `undefined`. @throws Error naming a file that cannot be used */
export function readAccess(file: string): Access | undefined {
  return readKept(file, schema) ?? undefined;
}

/** Keys of real roles: for its owner's eyes only (mode 0600), whole or not at all. */
export function writeAccess(file: string, access: Access): void {
  writeKept(file, access);
}
