import { describe, expect, it } from '@jest/globals';
import { feedStep, WORK_PER_STEP } from '../../../activities/attribution/feed-step.ts';
import { drainIntake } from '../../../activities/attribution/drain.ts';
import { storeBatch } from '../../../db/intake/batch.ts';
import { CONVERSION_INTAKE } from '../../../db/intake/conversions.ts';
import { queueIntakeWork } from '../../../db/intake/work.ts';
import type { Pool } from '../../../db/pool.ts';
import { takeIntakeWork } from '../../../db/queries/work-queue.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { World } from '../../activities/attribution/world.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { hold } from './held.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

async function aWorld(): Promise<World> {
  return new World(pool, (await aProgram(pool)).programId);
}

const aSale = (externalId: string) => ({
  externalId,
  identity: { customerId: 'c' },
  type: 'purchase',
  value: { minor: 10_000, currency: 'EUR' },
  occurredAt: '2026-03-10T00:00:00Z',
});
const ALL = { before: 'infinity', limit: 100 };

describe('work', () => {
  it('is written in the transaction of its cause, with the stamp of its cause', async () => {
    const world = await aWorld();
    const undone = await hold(pool, world.programId);
    await storeBatch(undone.tx, [aSale('undone')], CONVERSION_INTAKE);
    await undone.rollback();
    const left = 'select (select count(*) from conversion) as facts, (select count(*) from intake_work) as work';
    expect(await world.rows(left)).toEqual([{ facts: 0, work: 0 }]);
    await world.sale('kept', 100, '2026-03-10T00:00:00Z');
    expect(await world.rows('select w.received_at = c.received_at as same from intake_work w, conversion c')).toEqual([
      { same: true },
    ]);
  });

  it('may be queued twice: the queue has no key that would refuse the news of a second cause', async () => {
    const world = await aWorld();
    const again = () =>
      inTransaction(pool, world.programId, (tx) =>
        queueIntakeWork(tx, [{ kind: 'conversion', conversionId: 'cnv_1' }], '2026-03-10T00:00:00Z'),
      );
    await again();
    await again();
    expect(await world.rows('select count(*) as n from intake_work')).toEqual([{ n: 2 }]);
  });

  it('is in one pair of hands: a second consumer passes by without waiting, and what was not committed comes back', async () => {
    const world = await aWorld();
    for (const order of ['a', 'b']) await world.sale(order, 100, '2026-03-10T00:00:00Z');
    const first = await hold(pool, world.programId);
    const taken = await takeIntakeWork(first.tx, { ...ALL, limit: 1 });
    const others = await inTransaction(pool, world.programId, async (tx) => {
      await tx.query(`set local lock_timeout = '200ms'`);
      return takeIntakeWork(tx, ALL);
    });
    expect([taken.length, others.length]).toEqual([1, 1]);
    expect(others[0]!.seq).not.toBe(taken[0]!.seq);
    await first.rollback();
    const back = await inTransaction(pool, world.programId, (tx) => takeIntakeWork(tx, ALL));
    expect(back.map(({ seq }) => seq)).toEqual(taken.map(({ seq }) => seq));
  });

  it('reaches what was committed while its locks were waited for, or its own row is still there', async () => {
    const world = await aWorld();
    const { partnerId } = await aPartner(pool, world.programId);
    // The person is known, so that the two intakes do not meet at its row.
    await world.sale('before', 100, '2026-02-01T00:00:00Z');
    // The touchpoint cannot see the conversion, which is not committed yet; the conversion cannot see the touchpoint.
    const slow = await hold(pool, world.programId);
    await storeBatch(slow.tx, [aSale('slow')], CONVERSION_INTAKE);
    await world.touch({ id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' });
    await drainIntake(pool, world.programId, { now: world.now });
    await slow.commit();
    await world.drain();
    expect(await world.credits('slow')).toEqual({ [partnerId]: 10_000 });
  });

  it('is taken in steps that end', async () => {
    const world = await aWorld();
    const work = Array.from({ length: WORK_PER_STEP + 1 }, () => ({ kind: 'conversion' as const, conversionId: null }));
    await inTransaction(pool, world.programId, (tx) => queueIntakeWork(tx, work, '2026-03-10T00:00:00Z'));
    const step = () => inTransaction(pool, world.programId, (tx) => feedStep(tx, world.now));
    expect([(await step()).taken, (await step()).taken, (await step()).taken]).toEqual([300, 1, 0]);
  });
});
