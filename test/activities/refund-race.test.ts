import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { advanceBoundaries } from '../../activities/attribution/advance.ts';
import { drainCommissions, drainIntake } from '../../activities/attribution/drain.ts';
import { lockWindow } from '../../activities/attribution/lock-window.ts';
import type { ActivityDeps } from '../../activities/deps.ts';
import { createStatementActivities } from '../../activities/statement.ts';
import { auditProgram } from '../../audit/run.ts';
import { createPool } from '../../db/pool.ts';
import type { Pool } from '../../db/pool.ts';
import { World } from './attribution/world.ts';
import { eventually } from '../support/eventually.ts';
import { aPartner, aProgram } from '../support/ground.ts';
import { startTestPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';
import { TableGate } from '../support/table-gate.ts';

let postgres: TestPostgres;
let pool: Pool;

beforeAll(async () => {
  postgres = await startTestPostgres();
  pool = createPool({ url: postgres.url });
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

const QUARTER_MS = 92 * 86_400_000;

/** A sale of 100.00 in a window that is locked, ten percent, no statement yet. */
async function aLockedSale() {
  const { programId } = await aProgram(pool);
  const { partnerId } = await aPartner(pool, programId);
  const world = new World(pool, programId);
  await world.touch({ id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' });
  await world.sale('order', 10_000, '2026-03-10T00:00:00Z');
  await world.drain();
  world.now = new Date(Date.parse(world.now) + QUARTER_MS).toISOString();
  await advanceBoundaries(pool, programId, { now: world.now });
  const [window] = await world.rows<{ id: string }>('select window_id as id from commission where amount_minor <> 0');
  await lockWindow(pool, programId, window!.id, world.now);
  const draw = () =>
    createStatementActivities({ pool } as ActivityDeps).drawStatement({
      programId,
      windowId: window!.id,
      at: world.now,
    });
  return { world, partnerId, draw };
}

/** The refund on its way to the partner's book: credited anew, then posted. */
async function post(world: World): Promise<void> {
  await drainIntake(pool, world.programId, { now: world.now });
  await drainCommissions(pool, world.programId, { now: world.now });
}

const booksOf = (world: World, partnerId: string) =>
  Promise.all(['pending', 'locked', 'payable', 'receivable'].map((account) => world.balance(account, partnerId)));

async function expectSound(world: World): Promise<void> {
  const findings = await auditProgram({ pool, client: null, providerUrl: null }, world.programId);
  expect(findings.filter(({ result }) => result === 'fault')).toEqual([]);
}

describe('a refund while a statement is drawn', () => {
  it('waits for the drawing that was first, and is taken from the stated money', async () => {
    const { world, partnerId, draw } = await aLockedSale();
    const gate = await TableGate.shut(postgres.superuserUrl, 'statement');
    const drawing = draw();
    await eventually(async () => expect((await gate.waiting()).atGate).toBe(1));
    await world.refund('r1', 'order', 3_000);
    const posting = post(world);
    await eventually(async () => expect((await gate.waiting()).behind).toBeGreaterThan(0));
    await gate.open();
    const [statement] = await Promise.all([drawing, posting]);

    expect(statement).toMatchObject({ state: 'drawn', amountMinor: 1_000 });
    const [refund] = await world.rows('select kind, amount_minor, account from commission where amount_minor < 0');
    expect(refund).toEqual({ kind: 'refund', amount_minor: -300, account: 'payable' });
    expect(await booksOf(world, partnerId)).toEqual([0, 0, 700, 0]);
    expect((await draw()).amountMinor).toBe(1_000);
    await expectSound(world);
  });

  it('that was first is on the statement, which waits for it', async () => {
    const { world, partnerId, draw } = await aLockedSale();
    const gate = await TableGate.shut(postgres.superuserUrl, 'commission');
    await world.refund('r1', 'order', 3_000);
    const posting = post(world);
    await eventually(async () => expect((await gate.waiting()).atGate).toBe(1));
    const drawing = draw();
    await eventually(async () => expect((await gate.waiting()).behind).toBeGreaterThan(0));
    await gate.open();
    const [, statement] = await Promise.all([posting, drawing]);

    expect(statement).toMatchObject({ state: 'drawn', amountMinor: 700 });
    const lines = await world.rows('select amount_minor from statement_line order by 1');
    expect(lines).toEqual([{ amount_minor: -300 }, { amount_minor: 1_000 }]);
    expect(await booksOf(world, partnerId)).toEqual([0, 0, 700, 0]);
    await expectSound(world);
  });

  it('is left to the next statement when it is received and not yet credited', async () => {
    const { world, partnerId, draw } = await aLockedSale();
    await world.refund('r1', 'order', 3_000);
    expect((await draw()).amountMinor).toBe(1_000);
    await post(world);
    expect(await booksOf(world, partnerId)).toEqual([0, 0, 700, 0]);
    await expectSound(world);
  });
});
