import { findLinkByCode, findProgramOfCode } from '../../db/queries/link.ts';
import type { Link } from '../../db/queries/link.ts';
import type { Pool } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';

/** Links in memory per process, and codes that nobody has. */
const MOST_LINKS = 10_000;
const MOST_UNKNOWN = 10_000;
/** A code that was just made elsewhere may have been asked for a moment before. */
const UNKNOWN_FOR_MS = 1_000;

export interface KnownLink {
  programId: string;
  link: Link;
}

/** The links that are followed most recently. A link never changes, so one that was found is kept while there is room. */
export class LinkCache {
  readonly #pool: Pool;
  readonly #known = new Map<string, KnownLink>();
  readonly #unknownUntil = new Map<string, number>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The link of a code, or undefined when it must be looked up. */
  get(code: string): KnownLink | undefined {
    const known = this.#known.get(code);
    if (known && this.#known.size >= MOST_LINKS / 2) {
      // Last in order is last to go.
      this.#known.delete(code);
      this.#known.set(code, known);
    }
    return known;
  }

  /** The link of a code and its program; undefined when nobody has it. @throws Error when the database is away */
  async find(code: string): Promise<KnownLink | undefined> {
    if ((this.#unknownUntil.get(code) ?? 0) > Date.now()) return undefined;
    const programId = await findProgramOfCode(this.#pool, code);
    const link = programId && (await inTransaction(this.#pool, programId, (tx) => findLinkByCode(tx, code)));
    if (!programId || !link) {
      makeRoom(this.#unknownUntil, MOST_UNKNOWN);
      this.#unknownUntil.set(code, Date.now() + UNKNOWN_FOR_MS);
      return undefined;
    }
    makeRoom(this.#known, MOST_LINKS);
    this.#known.set(code, { programId, link });
    return { programId, link };
  }
}

function makeRoom(map: Map<string, unknown>, most: number): void {
  if (map.size >= most) map.delete(map.keys().next().value!);
}
