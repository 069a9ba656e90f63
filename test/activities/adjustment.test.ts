import { expect, it } from '@jest/globals';
import { createAdjustmentActivities } from '../../activities/adjustment.ts';
import type { Pool } from '../../db/pool.ts';
import { insertAdjustment } from '../../db/queries/adjustment.ts';
import { inTransaction } from '../../db/transaction.ts';
import { aPartner, aProgram } from '../support/ground.ts';
import { poolDeps } from '../support/pool-deps.ts';
import { useTestPool } from '../support/pool.ts';
import { World } from './attribution/world.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

it.each([
  ['in the currency of the window', 'EUR', 'approve', 'approved', 'adjustment.approved', [{ minor: 500 }]],
  ['in a currency that the partner is not paid in any more', 'USD', 'approve', 'rejected', 'adjustment.not-posted', []],
  ['that a person rejects', 'USD', 'reject', 'rejected', 'adjustment.rejected', []],
] as const)('an adjustment %s (%s) ends, whatever it comes to', async (_, currency, outcome, state, kind, posted) => {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const { partnerId } = await aPartner(pool, programId);
  await world.drain();
  const adjustment = { id: 'adj_1', partnerId, amountMinor: 500, currency, reason: 'r', relatesTo: null };
  await inTransaction(pool, programId, (tx) => insertAdjustment(tx, { ...adjustment, requestedBy: 'per_a' }));
  const decision = { programId, subjectType: 'adjustment' as const, subjectId: 'adj_1', outcome, taskId: 'tsk_1' };
  const by = { kind: 'person' as const, id: 'per_b' };
  for (let time = 0; time < 2; time += 1)
    await createAdjustmentActivities(poolDeps(pool)).decideAdjustment({ ...decision, by, at: world.now });
  expect(await world.rows('select state from adjustment')).toEqual([{ state }]);
  expect(await world.rows('select amount_minor as minor from commission')).toEqual(posted);
  const events = await world.rows<{ kind: string; reason?: string }>(
    `select kind, data->>'reason' as reason from event where kind like 'adjustment.%'`,
  );
  const reason = kind === 'adjustment.not-posted' ? expect.stringContaining('paid in EUR') : null;
  expect(events).toEqual([{ kind, reason }]);
});
