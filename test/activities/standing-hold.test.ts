import { expect, it } from '@jest/globals';
import type { ActivityDeps } from '../../activities/deps.ts';
import { createStatementActivities } from '../../activities/statement.ts';
import { lockWindow } from '../../activities/attribution/lock-window.ts';
import type { Pool } from '../../db/pool.ts';
import { listCommissionViews } from '../../db/queries/commission-read.ts';
import { insertHold } from '../../db/queries/hold.ts';
import { countStandingHolds } from '../../db/queries/payout-gate.ts';
import { listUnstated } from '../../db/queries/statement.ts';
import { inTransaction } from '../../db/transaction.ts';
import { aPartner, aProgram } from '../support/ground.ts';
import { useTestPool } from '../support/pool.ts';
import { World } from './attribution/world.ts';

let pool: Pool;

useTestPool((opened) => (pool = opened));

it('a hold covers its commission, all commissions of its conversion for its partner, or all of its partner; an ended one covers nothing', async () => {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const [a, b] = [(await aPartner(pool, programId)).partnerId, (await aPartner(pool, programId)).partnerId];
  for (const [index, partnerId] of [a, b].entries())
    await world.touch({ id: `t${index}`, partnerId, occurredAt: '2026-03-09T00:00:00Z' });
  // Each sale has a row of each partner, and a refund makes a second one.
  for (const [index, sale] of ['by-commission', 'by-conversion', 'lifted', 'free'].entries()) {
    await world.sale(sale, 10_000, `2026-03-10T0${index}:00:00Z`);
    await world.drain();
    await world.refund(`r-${sale}`, sale, 1_000);
    await world.drain();
  }
  const rows = await world.rows<{ id: string; sale: string; conversionId: string; partnerId: string; kind: string }>(
    `select m.id, c.external_id as sale, c.id as "conversionId", m.partner_id as "partnerId", m.kind
     from commission m join conversion c on c.id = m.conversion_id`,
  );
  expect(rows).toHaveLength(16);
  const earnedBy = (partnerId: string, sale: string) =>
    rows.find((row) => row.partnerId === partnerId && row.sale === sale && row.kind === 'earned')!;
  const holdOf = { commissionId: null, conversionId: null, reason: 'odd', untilAt: null, placedBy: 'per_x' };
  const hold = (id: string, partnerId: string, on: { commissionId?: string; conversionId?: string }) =>
    inTransaction(pool, programId, (tx) =>
      insertHold(tx, { ...holdOf, ...on, id, partnerId, placedAt: '2026-03-11T00:00:00Z' }),
    );
  await hold('hld_1', a, { commissionId: earnedBy(a, 'by-commission').id });
  await hold('hld_2', a, { conversionId: earnedBy(a, 'by-conversion').conversionId });
  await hold('hld_3', a, { conversionId: earnedBy(a, 'lifted').conversionId });
  await world.rows(`update hold set ended_at = '2026-03-12', ended_by = 'per_x', ending = 'lifted' where id = 'hld_3'`);

  const heldOf = async (partnerId: string) => {
    const views = await inTransaction(pool, programId, (tx) => listCommissionViews(tx, { partnerId, limit: 100 }));
    const held = views.filter(({ heldBecause }) => heldBecause === 'hold-stands');
    return held.map(({ id }) => rows.find((row) => row.id === id)!.sale).sort();
  };
  expect(await heldOf(a)).toEqual(['by-commission', 'by-commission', 'by-conversion', 'by-conversion']);
  expect(await heldOf(b)).toEqual([]);

  world.now = new Date(Date.parse(world.now) + 93 * 86_400_000).toISOString();
  await world.drain();
  const unstatedOf = async (partnerId: string) => {
    const scope = { partnerId, currency: 'EUR', windowNo: null, isRest: false, at: '2028-01-01T00:00:00Z' };
    const free = await inTransaction(pool, programId, (tx) => listUnstated(tx, scope));
    return free.map(({ commissionId }) => rows.find((row) => row.id === commissionId)!.sale).sort();
  };
  expect(await unstatedOf(a)).toEqual(['free', 'free', 'lifted', 'lifted']);
  expect(await unstatedOf(b)).toHaveLength(8);
  await hold('hld_4', b, {});
  expect(await heldOf(b)).toHaveLength(8);
  expect(await unstatedOf(b)).toEqual([]);

  // What is on a statement: the four rows that were free; of each sale one more row comes later.
  const [window] = await world.rows<{ id: string }>(
    'select distinct window_id as id from commission where partner_id = $1',
    [a],
  );
  await lockWindow(pool, programId, window!.id, world.now);
  const { drawStatement } = createStatementActivities({ pool } as ActivityDeps);
  const { statementId } = await drawStatement({ programId, windowId: window!.id, at: world.now });
  const lines = await world.rows('select commission_id from statement_line where statement_id = $1', [statementId]);
  expect(lines).toHaveLength(4);
  // A page by statement or state is not cut before it is known what is on it; its two first sales are not.
  const pageOf = async (filter: { statementId?: string; state?: 'payable' }) => {
    const views = await inTransaction(pool, programId, (tx) =>
      listCommissionViews(tx, { ...filter, partnerId: a, limit: 2 }),
    );
    return views.map(({ id }) => rows.find((row) => row.id === id)!.sale);
  };
  expect(await pageOf({ statementId })).toEqual(['lifted', 'lifted']);
  expect(await pageOf({ state: 'payable' })).toEqual(['lifted', 'lifted']);
  expect(await pageOf({})).toEqual(['by-commission', 'by-commission']);
  const counted = () => inTransaction(pool, programId, (tx) => countStandingHolds(tx, a, statementId));
  expect(await counted()).toBe(0);
  await hold('hld_5', a, { conversionId: earnedBy(a, 'lifted').conversionId });
  expect(await counted()).toBe(1);
  await world.refund('later', 'free', 1_000);
  await world.drain();
  const [later] = await world.rows<{ id: string }>(
    `select id from commission where partner_id = $1 and conversion_id = $2 order by revision desc limit 1`,
    [a, earnedBy(a, 'free').conversionId],
  );
  await hold('hld_6', a, { commissionId: later!.id });
  expect(await counted()).toBe(2);
  await hold('hld_7', a, {});
  expect(await counted()).toBe(3);
  // One on everything counts whatever the lines are.
  expect(await inTransaction(pool, programId, (tx) => countStandingHolds(tx, b, 'stm_none'))).toBe(1);
});
