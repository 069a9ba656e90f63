import { advanceBoundaries } from '../../activities/attribution/advance.ts';
import { drainCommissions, drainIntake } from '../../activities/attribution/drain.ts';
import { lockWindow } from '../../activities/attribution/lock-window.ts';
import type { ActivityDeps } from '../../activities/deps.ts';
import type { Pool } from '../../db/pool.ts';
import { insertCoupon } from '../../db/queries/coupon.ts';
import { insertLink } from '../../db/queries/link.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Tx } from '../../db/transaction.ts';
import type { Policy } from '../../domain/attribution/policy.ts';
import type { Terms } from '../../domain/contract/terms.ts';
import { aPartner, aProgram } from '../support/ground.ts';
import { BrokenInvariant } from './broken-invariant.ts';
import { PLANS } from './plans.ts';

export const DAY_MS = 86_400_000;
/** A person, as decisions name one. */
export const BY = { kind: 'person', id: 'per_x' } as const;

/** How long the contracts have been in force when a world begins. */
const CONTRACT_MS = 40 * DAY_MS;

export interface WorldTime {
  startMs: number;
  /** Whether no two facts happen at one instant, where the order of receipt would decide. */
  spreads: boolean;
}

export interface WorldPartner {
  partnerId: string;
  contractId: string;
  version: number;
  /** Contracts so far. */
  round: number;
  terms: Terms;
  isEnded: boolean;
}

/** A program of its own with five partners, to which steps happen by production code; it remembers what later steps may refer to. */
export class World {
  readonly pool: Pool;
  readonly programId: string;
  readonly partners: readonly WorldPartner[];
  /** The start of the contracts, ms. */
  readonly fromMs: number;
  /** Touchpoints that a step may void. */
  readonly touchpointIds: string[] = [];
  /** External ids of the conversions, in the order in which they came. */
  readonly sales: string[] = [];
  /** Sales of which a confirmed hold took everything from a partner. */
  readonly confirmed: { partnerId: string; conversionId: string }[] = [];
  /** Whether a decision since the last look may have moved locked credit. */
  mayMoveLocked = true;
  /** Payouts that arrived. */
  paid = 0;
  readonly #startMs: number;
  readonly #spreads: boolean;
  #offsetMs = 0;

  private constructor(
    pool: Pool,
    programId: string,
    partners: readonly WorldPartner[],
    { startMs, spreads }: WorldTime,
  ) {
    this.pool = pool;
    this.programId = programId;
    this.partners = partners;
    this.fromMs = startMs - CONTRACT_MS;
    this.#startMs = startMs;
    this.#spreads = spreads;
  }

  static async make(
    pool: Pool,
    { policy, startMs = Date.now(), spreads = false }: { policy: Policy } & Partial<WorldTime>,
  ): Promise<World> {
    const { programId } = await aProgram(pool, { policy });
    const fromMs = startMs - CONTRACT_MS;
    const partners: WorldPartner[] = [];
    for (const { type, zone, terms } of PLANS) {
      const contractFrom = new Date(fromMs).toISOString();
      const made = await aPartner(pool, programId, {
        ...{ type, terms, contractFrom, timeZone: zone, currency: terms.currency },
      });
      partners.push({ ...made, version: 1, round: 1, terms, isEnded: false });
    }
    const world = new World(pool, programId, partners, { startMs, spreads });
    await world.tx(async (tx) => {
      for (const [index, { partnerId }] of partners.entries()) {
        await insertLink(tx, { partnerId, code: world.linkCode(index), destination: 'https://shop.example/' });
        await insertCoupon(tx, { partnerId, code: `CODE${index}` });
      }
    });
    return world;
  }

  /** The world's time, which only a step moves on. */
  get now(): string {
    return new Date(Date.now() + this.#offsetMs).toISOString();
  }

  partner(index: number): WorldPartner {
    return this.partners[index % this.partners.length]!;
  }

  linkCode(partner: number): string {
    return `${this.programId.slice(4)}${partner}`;
  }

  tx<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    return inTransaction(this.pool, this.programId, work);
  }

  /** @param values after the program, which is `$1` */
  async rows<Row extends object>(text: string, ...values: readonly unknown[]): Promise<Row[]> {
    const { rows } = await this.tx((tx) => tx.query<Row & Record<string, unknown>>(text, [this.programId, ...values]));
    return rows;
  }

  /** The latest instant that an event may carry, ms. */
  async latestMs(): Promise<number> {
    const [row] = await this.rows<{ at: string }>(
      'select greatest(clock_timestamp(), cut_at) as at from program_clock where program_id = $1',
    );
    return Date.parse(row!.at);
  }

  /**
   * When a fact happened.
   * @param back from 0, now, to 1, the start of the contracts
   * @param no the number of its step
   */
  async at(back: number, no: number): Promise<string> {
    const latestMs = Math.min(await this.latestMs(), this.#startMs + this.#offsetMs) - 10_000;
    const atMs = Math.floor(latestMs - back * (latestMs - this.fromMs));
    return new Date(this.#spreads ? atMs + no : atMs).toISOString();
  }

  /** What activities are handed; no workflow runs beside them, so nobody hears what they tell one. */
  deps(more: Partial<ActivityDeps> = {}): ActivityDeps {
    const silent = () => Promise.resolve();
    const client = { workflow: { start: silent, signalWithStart: silent } };
    return { pool: this.pool, client, taskQueues: {}, providers: {}, ...more } as unknown as ActivityDeps;
  }

  /** Credits and posts everything that waits. */
  async drain(): Promise<void> {
    await advanceBoundaries(this.pool, this.programId, { now: this.now });
    for (const drain of [drainIntake, drainCommissions]) {
      const { setAside } = await drain(this.pool, this.programId, { now: this.now });
      if (setAside === 0) continue;
      const failed = await this.rows('select * from work_set_aside where program_id = $1');
      throw new BrokenInvariant('work was set aside', JSON.stringify(failed));
    }
  }

  /** @param locks whether the windows that are due are locked too */
  async moveOn(days: number, locks: boolean): Promise<void> {
    this.#offsetMs += days * DAY_MS;
    await advanceBoundaries(this.pool, this.programId, { now: this.now });
    if (locks) await this.lockWindows();
  }

  async lockWindows(): Promise<void> {
    const windows = await this.rows<{ id: string }>(
      `select w.id from attribution_window w join program_clock k on k.program_id = w.program_id
       where w.program_id = $1 and w.partner_id is not null and w.locks_at <= k.sealed_at
       order by w.partner_id, w.no`,
    );
    for (const { id } of windows) await lockWindow(this.pool, this.programId, id, this.now);
  }
}
