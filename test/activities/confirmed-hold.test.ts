import { expect, it } from '@jest/globals';
import { createAdjustmentActivities } from '../../activities/adjustment.ts';
import { lockWindow } from '../../activities/attribution/lock-window.ts';
import { createHoldActivities } from '../../activities/hold.ts';
import { createStatementActivities } from '../../activities/statement.ts';
import { auditProgram } from '../../audit/run.ts';
import { addTouchpoint, voidTouchpoint } from '../../db/intake/correction.ts';
import { intakeIdentities } from '../../db/intake/identities.ts';
import { undoMerge } from '../../db/intake/merge-undo.ts';
import { newId } from '../../db/ids.ts';
import type { Pool } from '../../db/pool.ts';
import { insertAdjustment } from '../../db/queries/adjustment.ts';
import { insertHold } from '../../db/queries/hold.ts';
import { moveStatement } from '../../db/queries/statement.ts';
import { inTransaction } from '../../db/transaction.ts';
import { aPartner, aProgram } from '../support/ground.ts';
import { useTestPool } from '../support/pool.ts';
import { World } from './attribution/world.ts';
import { poolDeps } from '../support/pool-deps.ts';

const QUARTER_MS = 93 * 86_400_000;

let pool: Pool;
useTestPool((opened) => (pool = opened));

const day = (no: number, seconds = 0) =>
  new Date(Date.parse('2026-03-01T00:00:00Z') + no * 86_400_000 + seconds * 1_000).toISOString();

async function aWorld(): Promise<{ world: World; partnerId: string; otherId: string }> {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const { partnerId } = await aPartner(pool, programId);
  const { partnerId: otherId } = await aPartner(pool, programId);
  return { world, partnerId, otherId };
}

async function lock(world: World): Promise<void> {
  world.now = new Date(Date.parse(world.now) + QUARTER_MS).toISOString();
  await world.drain();
}

/** A hold by hand on a commission, or on everything of the partner. */
async function hold(world: World, partnerId: string, commissionId: string | null): Promise<string> {
  const id = newId('hold');
  const about = { id, partnerId, commissionId, conversionId: null, reason: 'fraud', untilAt: null };
  await inTransaction(pool, world.programId, (tx) =>
    insertHold(tx, { ...about, placedBy: 'per_a', placedAt: world.now }),
  );
  return id;
}

/** Confirms a hold as the flow of its review does; the first step comes twice, as after a crash. */
async function confirm(world: World, holdId: string): Promise<void> {
  const { confirmHold, endHold } = createHoldActivities(poolDeps(pool));
  const decision = {
    programId: world.programId,
    subjectType: 'hold' as const,
    subjectId: holdId,
    outcome: 'confirm',
    taskId: newId('task'),
    by: { kind: 'person' as const, id: 'per_b' },
    at: world.now,
  } as Parameters<typeof endHold>[0];
  await confirmHold(decision);
  await confirmHold(decision);
  await world.drain();
  await endHold(decision);
}

async function confirmStanding(world: World): Promise<string[]> {
  const holds = await world.rows<{ id: string; reason: string }>('select id, reason from hold where ended_at is null');
  for (const { id } of holds) await confirm(world, id);
  return holds.map(({ reason }) => reason);
}

async function isSound({ programId }: World): Promise<void> {
  const findings = await auditProgram({ pool, client: null, providerUrl: null }, programId);
  expect(findings.filter(({ result }) => result === 'fault')).toEqual([]);
}

/** A locked sale whose partner was found by a merge that was taken back after the lock: the credit stays. */
async function unmergedSale() {
  const { world, ...partners } = await aWorld();
  await world.touch({
    id: 't1',
    partnerId: partners.partnerId,
    identity: { visitorId: 'v' },
    occurredAt: day(0),
  });
  await intakeIdentities(pool, world.programId, [{ visitorId: 'v', customerId: 'c', occurredAt: day(0) }]);
  await world.sale('s', 1_000, day(0, 1));
  await world.drain();
  await lock(world);
  const [merge] = await world.rows<{ id: string }>('select id from identity_merge');
  await inTransaction(pool, world.programId, (tx) => undoMerge(tx, { mergeId: merge!.id, reason: 'r', by: 'per_a' }));
  await world.drain();
  expect(await world.credits('s')).toEqual({ [partners.partnerId]: 1_000 });
  return { world, ...partners };
}

it('takes nothing from older and later orders, whose touchpoints the held order did not count', async () => {
  const { world, partnerId } = await aWorld();
  await world.touch({ id: 't1', partnerId, occurredAt: day(0) });
  await world.sale('old', 1_000, day(1));
  await world.touch({ id: 't2', partnerId, occurredAt: day(60) });
  await world.sale('new', 1_000, day(60, 1));
  await world.touch({ id: 't3', partnerId, occurredAt: day(70) });
  await world.sale('later', 1_000, day(71));
  await world.drain();
  expect(await confirmStanding(world)).toEqual(['too-fast']);
  const orders = ['old', 'new', 'later'];
  expect(await Promise.all(orders.map((order) => world.commission(partnerId, order)))).toEqual([100, 0, 100]);
  await isSound(world);
});

it.each(['a late touchpoint', 'a merge'])(
  'holds the order again when %s earns it after a hold was confirmed',
  async (by) => {
    const { world, partnerId } = await aWorld();
    await world.touch({ id: 't1', partnerId, occurredAt: day(60) });
    await world.touch({ id: 't0', partnerId, identity: { visitorId: 'v' }, occurredAt: day(50) });
    await world.sale('new', 1_000, day(60, 1));
    await world.drain();
    await confirmStanding(world);
    expect(await world.commission(partnerId, 'new')).toBe(0);
    if (by === 'a merge')
      await intakeIdentities(pool, world.programId, [{ visitorId: 'v', customerId: 'c', occurredAt: day(60) }]);
    else await world.touch({ id: 't2', partnerId, occurredAt: day(55) });
    await world.drain();
    expect(await world.commission(partnerId, 'new')).toBe(100);
    expect(await confirmStanding(world)).toEqual(['confirmed-before']);
    expect(await world.commission(partnerId, 'new')).toBe(0);
    await isSound(world);
  },
);

it('takes back what a locked order counts by a merge that was taken back since', async () => {
  const { world, partnerId } = await unmergedSale();
  expect(await confirmStanding(world)).toEqual(['too-fast']);
  expect(await world.commission(partnerId, 's')).toBe(0);
  await isSound(world);
});

it('a void, or an approved addition, reaches such an order too', async () => {
  const { world, partnerId, otherId } = await unmergedSale();
  const added = { id: 't2', kind: 'click', partnerId: otherId, identity: { visitorId: 'v' }, occurredAt: day(0) };
  await addTouchpoint(pool, world.programId, added, 'per_a');
  await world.drain();
  expect(await world.credits('s')).toEqual({ [partnerId]: 500, [otherId]: 500 });
  await inTransaction(pool, world.programId, (tx) =>
    voidTouchpoint(tx, { touchpointId: 't1', reason: 'r', approvedBy: 'per_a' }),
  );
  await world.drain();
  expect(await world.credits('s')).toEqual({ [otherId]: 1_000 });
  await isSound(world);
});

it('takes a row that no order earned back once, by however many holds', async () => {
  const { world, partnerId } = await aWorld();
  await world.drain();
  const adjustment = { id: 'adj_1', partnerId, amountMinor: 500, currency: 'EUR', reason: 'r', relatesTo: null };
  await inTransaction(pool, world.programId, (tx) => insertAdjustment(tx, { ...adjustment, requestedBy: 'per_a' }));
  const { decideAdjustment } = createAdjustmentActivities({ pool } as Parameters<typeof createAdjustmentActivities>[0]);
  await decideAdjustment({
    programId: world.programId,
    subjectType: 'adjustment',
    subjectId: 'adj_1',
    outcome: 'approve',
    taskId: newId('task'),
    by: { kind: 'person', id: 'per_b' },
    at: world.now,
  } as Parameters<typeof decideAdjustment>[0]);
  const [row] = await world.rows<{ id: string }>(`select id from commission where kind = 'manual'`);
  await confirm(world, await hold(world, partnerId, row!.id));
  await confirm(world, await hold(world, partnerId, null));
  expect(await world.rows('select amount_minor as minor from commission order by amount_minor')).toEqual([
    { minor: -500 },
    { minor: 500 },
  ]);
  expect(await world.balance('pending', partnerId)).toBe(0);
  await isSound(world);
});

/** An order whose commission is on a statement. */
async function statedOrder() {
  const { world, partnerId } = await aWorld();
  await world.touch({ id: 't1', partnerId, occurredAt: day(0) });
  await world.sale('s', 1_000, day(1));
  await world.drain();
  await lock(world);
  const [row] = await world.rows<{ id: string; windowId: string }>(
    `select id, window_id as "windowId" from commission where partner_id = $1`,
    [partnerId],
  );
  await lockWindow(pool, world.programId, row!.windowId, world.now);
  const { drawStatement } = createStatementActivities({ pool } as Parameters<typeof createStatementActivities>[0]);
  await drawStatement({ programId: world.programId, windowId: row!.windowId, at: world.now });
  const [statement] = await world.rows<{ id: string }>('select statement_id as id from statement_line');
  expect(await world.balance('payable', partnerId)).toBe(100);
  return { world, partnerId, commissionId: row!.id, statementId: statement!.id };
}

it.each(['the commission', 'the partner'])(
  'takes back what is on a statement and not paid, by a hold on %s',
  async (on) => {
    const { world, partnerId, commissionId } = await statedOrder();
    await confirm(world, await hold(world, partnerId, on === 'the partner' ? null : commissionId));
    expect([await world.commission(partnerId, 's'), await world.balance('payable', partnerId)]).toEqual([0, 0]);
    await isSound(world);
  },
);

it('takes back what was paid by a hold on the commission, and not by one on the partner', async () => {
  const { world, partnerId, commissionId, statementId } = await statedOrder();
  await inTransaction(pool, world.programId, (tx) => moveStatement(tx, statementId, ['drawn', 'carried'], 'paid'));
  await confirm(world, await hold(world, partnerId, null));
  expect(await world.commission(partnerId, 's')).toBe(100);
  await confirm(world, await hold(world, partnerId, commissionId));
  expect(await world.commission(partnerId, 's')).toBe(0);
});
