import { advanceBoundaries } from '../../../activities/attribution/advance.ts';
import { drainCommissions, drainIntake } from '../../../activities/attribution/drain.ts';
import { lockWindow } from '../../../activities/attribution/lock-window.ts';
import { createStatementActivities } from '../../../activities/statement.ts';
import type { ActivityDeps } from '../../../activities/deps.ts';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { intakeIdentities } from '../../../db/intake/identities.ts';
import { intakeRefunds } from '../../../db/intake/refunds.ts';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import { withdrawConsent } from '../../../db/intake/withdrawal.ts';
import { newId } from '../../../db/ids.ts';
import { lockPartnerBooks } from '../../../db/locks.ts';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import { sealEvents } from '../../../db/queries/event-chain.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { SYSTEM } from '../../../domain/actor.ts';
import { Dice } from './dice.ts';

/** What a started actor is told, as one JSON argument. */
export interface ActorPlan {
  url: string;
  programId: string;
  partnerIds: string[];
  seed: number;
  roles: Role[];
}

export type Role = 'intake' | 'feed' | 'poster' | 'boundary' | 'sealer' | 'settler' | 'holder' | 'disorder';

type Act = (world: { pool: Pool; plan: ActorPlan; dice: Dice }) => Promise<void>;

const now = () => new Date().toISOString();

const ACTS: Record<Role, Act> = {
  intake: sendFacts,
  async feed({ pool, plan }) {
    await drainIntake(pool, plan.programId, { now: now() });
  },
  async poster({ pool, plan }) {
    await drainCommissions(pool, plan.programId, { now: now() });
  },
  async boundary({ pool, plan }) {
    await advanceBoundaries(pool, plan.programId, { now: now() });
  },
  async sealer({ pool, plan }) {
    await sealEvents(pool, plan.programId);
  },
  settler: settle,
  holder: hold,
  disorder: lockInDisorder,
};

/** Whom this actor has heard of: those whose sales are locked by now withdraw as well as new ones. */
const seen: object[] = [];

async function sendFacts({ pool, plan, dice }: Parameters<Act>[0]): Promise<void> {
  const ago = () => new Date(Date.now() - dice.below(4_000)).toISOString();
  const identity = () => {
    const one = { [dice.one(['visitorId', 'customerId'])]: `p${dice.below(60)}` };
    seen.push(one);
    return one;
  };
  const order = () => `o${plan.seed}-${dice.below(1_000_000)}`;
  const channel = () =>
    dice.below(3) === 0 ? { channel: dice.one(['tv', 'radio']) } : { partnerId: dice.one(plan.partnerIds) };
  const { programId } = plan;
  await intakeTouchpoints(
    pool,
    programId,
    dice.list(6, () => ({ ...channel(), identity: identity(), kind: 'view', occurredAt: ago() })),
  );
  const orders = dice.list(6, order);
  const value = () => ({ minor: 1 + dice.below(20_000), currency: 'EUR' });
  await intakeConversions(
    pool,
    programId,
    orders.map((externalId) => ({
      externalId,
      identity: identity(),
      type: 'purchase',
      value: value(),
      occurredAt: ago(),
    })),
  );
  const refunds = dice.list(2, () => ({
    externalId: order(),
    conversionExternalId: dice.one(orders),
    occurredAt: ago(),
    reason: 'race',
    value: { minor: 1 + dice.below(5_000), currency: 'EUR' },
  }));
  await intakeRefunds(pool, programId, refunds);
  if (dice.below(8) === 0) {
    await intakeIdentities(pool, programId, [
      { visitorId: `p${dice.below(60)}`, customerId: `p${dice.below(60)}`, occurredAt: now() },
    ]);
  }
  if (dice.below(3) === 0) {
    const by = { id: 'race', actor: SYSTEM };
    await inTransaction(pool, programId, (tx) => withdrawConsent(tx, dice.one(seen), by));
  }
}

/** Locks what is sealed, and draws the statements of what is locked. */
async function settle({ pool, plan, dice }: Parameters<Act>[0]): Promise<void> {
  const { programId } = plan;
  const windows = await inTransaction(pool, programId, async (tx) => {
    const { rows } = await tx.query<{ id: string }>(
      `select w.id from attribution_window w, program_clock k
       where w.partner_id = $1 and w.locks_at <= k.sealed_at and not exists (select from statement s where s.window_id = w.id)
       order by w.no limit 5`,
      [dice.one(plan.partnerIds)],
    );
    return rows;
  });
  const { drawStatement } = createStatementActivities({ pool } as ActivityDeps);
  for (const { id } of windows) {
    await lockWindow(pool, programId, id, now());
    await drawStatement({ programId, windowId: id, at: now() });
  }
}

async function hold({ pool, plan, dice }: Parameters<Act>[0]): Promise<void> {
  const partnerId = dice.one(plan.partnerIds);
  await inTransaction(pool, plan.programId, async (tx) => {
    await lockPartnerBooks(tx, [partnerId]);
    if (dice.below(2) === 0) {
      await tx.query(
        `update hold set ended_at = now(), ending = 'lifted' where program_id = $1 and partner_id = $2 and ended_at is null`,
        [plan.programId, partnerId],
      );
      return;
    }
    await tx.query(
      `insert into hold (program_id, id, partner_id, reason, placed_by, placed_at) values ($1, $2, $3, 'race', 'per_x', now())`,
      [plan.programId, newId('hold'), partnerId],
    );
  });
}

/** The control without an order of locks: partners one by one, as the dice fall. */
async function lockInDisorder({ pool, plan, dice }: Parameters<Act>[0]): Promise<void> {
  await inTransaction(pool, plan.programId, async (tx) => {
    for (const partnerId of dice.list(4, () => dice.one(plan.partnerIds))) {
      await tx.query(
        'select partner_id from partner_book where program_id = $1 and partner_id = $2 for no key update',
        [plan.programId, partnerId],
      );
      await tx.query('select pg_sleep(0.005)');
    }
  });
}

/** Acts until somebody kills it. A connection that is cut in the middle is what this is about: it goes on with the next. */
async function live(plan: ActorPlan): Promise<void> {
  const pool = createPool({ url: plan.url, size: plan.roles.length + 1 });
  process.send?.({ isReady: true });
  await Promise.all(
    plan.roles.map((role, index) => play(role, { pool, plan, dice: new Dice(plan.seed * 100 + index) })),
  );
}

async function play(role: Role, world: Parameters<Act>[0]): Promise<void> {
  for (;;) {
    try {
      await ACTS[role](world);
    } catch (error) {
      if (!isCut(error)) process.send?.({ role, error: String((error as Error).stack) });
    }
    await new Promise((resolve) => setTimeout(resolve, world.dice.below(20)));
  }
}

function isCut(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return /^(57P|08|ECONN|EPIPE|40)/.test(code ?? '') || /terminat|connection/i.test(message ?? '');
}

const [, , argument] = process.argv;
if (argument !== undefined && process.send) await live(JSON.parse(argument) as ActorPlan);
