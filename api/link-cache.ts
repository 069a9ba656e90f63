import { findLinkByCode, findProgramOfCode } from '../db/queries/link.ts';
import type { Link } from '../db/queries/link.ts';
import type { Pool } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';

/** Links in memory per process. */
const MOST_LINKS = 10_000;

export interface KnownLink {
  programId: string;
  link: Link;
}

const caches = new WeakMap<Pool, Map<string, KnownLink>>();

/** The link of a code and its program; undefined when nobody has it. A link never changes, so one that was found is kept. */
export async function linkOfCode(pool: Pool, code: string): Promise<KnownLink | undefined> {
  const cache = caches.get(pool) ?? new Map<string, KnownLink>();
  caches.set(pool, cache);
  const known = cache.get(code);
  if (known) return known;
  const programId = await findProgramOfCode(pool, code);
  const link = programId && (await inTransaction(pool, programId, (tx) => findLinkByCode(tx, code)));
  if (!programId || !link) return undefined;
  if (cache.size >= MOST_LINKS) cache.delete(cache.keys().next().value!);
  cache.set(code, { programId, link });
  return { programId, link };
}
