import { findLinkByCode, findProgramOfCode } from '../../db/queries/link.ts';
import type { Link } from '../../db/queries/link.ts';
import { clickParameterOf } from '../../domain/program/click-parameter.ts';
import type { Pool } from '../../db/pool.ts';
import { readProgramFrame } from '../../db/queries/program-settings.ts';
import { inTransaction } from '../../db/transaction.ts';
import { sendableUrl } from '../redirect-url.ts';

/** Links in memory per process, and as many codes that nobody has. */
const MOST_CODES = 10_000;
/** A code that was just made elsewhere may have been asked for a moment before. */
const UNKNOWN_FOR_MS = 1_000;

/** What a programme may change about its links is looked at again after this long, behind the visitor's back. */
const FRESH_FOR_MS = 60_000;

export interface KnownLink {
  programId: string;
  link: Link;
  /** The link's destination as it is sent, whenever it was stored. */
  destination: string;
  /** The query parameter of the click id, by the programme's settings. */
  clickParameter: string;
}

/** How long and how much it remembers; all that is left out is as in the running API. */
export interface LinkCacheOptions {
  freshForMs?: number;
  unknownForMs?: number;
  /** Links, and as many unknown codes. */
  most?: number;
}

/** The links that are followed most recently. A link never changes, so one that was found is kept while there is room. */
export class LinkCache {
  readonly #pool: Pool;
  readonly #known = new Map<string, KnownLink & { freshUntil: number }>();
  readonly #unknownUntil = new Map<string, number>();

  readonly #freshForMs: number;
  readonly #unknownForMs: number;
  readonly #most: number;

  constructor(pool: Pool, options: LinkCacheOptions = {}) {
    this.#pool = pool;
    this.#freshForMs = options.freshForMs ?? FRESH_FOR_MS;
    this.#unknownForMs = options.unknownForMs ?? UNKNOWN_FOR_MS;
    this.#most = options.most ?? MOST_CODES;
  }

  /** The link of a code, or undefined when it must be looked up. */
  get(code: string): KnownLink | undefined {
    const known = this.#known.get(code);
    if (!known) return undefined;
    if (this.#known.size >= this.#most / 2) {
      // Last in order is last to go.
      this.#known.delete(code);
      this.#known.set(code, known);
    }
    if (known.freshUntil <= Date.now()) {
      known.freshUntil = Date.now() + this.#freshForMs;
      // While the database is away the visitor is sent on by what was known.
      this.#read(code).catch(() => undefined);
    }
    return known;
  }

  /** The link of a code and its program; undefined when nobody has it. @throws Error when the database is away, or the destination is no web address */
  async find(code: string): Promise<KnownLink | undefined> {
    if ((this.#unknownUntil.get(code) ?? 0) > Date.now()) return undefined;
    const known = await this.#read(code);
    if (known) return known;
    makeRoom(this.#unknownUntil, this.#most);
    this.#unknownUntil.set(code, Date.now() + this.#unknownForMs);
    return undefined;
  }

  async #read(code: string): Promise<KnownLink | undefined> {
    const programId = await findProgramOfCode(this.#pool, code);
    if (!programId) return undefined;
    const found = await inTransaction(this.#pool, programId, async (tx) => ({
      link: await findLinkByCode(tx, code),
      clickParameter: clickParameterOf((await readProgramFrame(tx)).settings),
    }));
    const { link, clickParameter } = found;
    if (!link) return undefined;
    const destination = sendableUrl(link.destination);
    if (!this.#known.has(code)) makeRoom(this.#known, this.#most);
    const known = { programId, link, destination, clickParameter, freshUntil: Date.now() + this.#freshForMs };
    this.#known.set(code, known);
    return known;
  }
}

function makeRoom(map: Map<string, unknown>, most: number): void {
  if (map.size >= most) map.delete(map.keys().next().value!);
}
