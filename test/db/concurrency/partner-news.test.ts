import { expect, it } from '@jest/globals';
import type pg from 'pg';
import { feedStep } from '../../../activities/attribution/feed-step.ts';
import { createPartnerActivities } from '../../../activities/partner.ts';
import type { ActivityDeps } from '../../../activities/deps.ts';
import type { Pool } from '../../../db/pool.ts';
import { repeatedTransactions } from '../../../db/transaction.ts';
import { SYSTEM } from '../../../domain/actor.ts';
import { World } from '../../activities/attribution/world.ts';
import { aPartner, aProgram, tenPercent } from '../../support/ground.ts';
import { useGround } from './ground.ts';
import { hold, untilWaiting } from './held.ts';

let pool: Pool;
let root: pg.Client;
useGround((ground) => ({ pool, root } = ground));

const DAY_MS = 86_400_000;

/** A partner with windows of thirty days, the second of which is open, and a way to end its contract now. */
async function aContract() {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const day = (days: number) => new Date(Date.parse(world.now) + days * DAY_MS).toISOString();
  const terms = { ...tenPercent(), calendar: { period: 'P30D', lockAfter: 'P5D', payAfter: 'P5D' } };
  const { partnerId, contractId } = await aPartner(pool, programId, { contractFrom: day(-45), terms });
  await world.drain();
  const end = () =>
    createPartnerActivities({ pool } as unknown as ActivityDeps).movePartner({
      ...{ programId, partnerId, from: 'active', to: 'ended', round: 1, actor: SYSTEM, at: world.now },
      endsContractId: contractId,
    });
  return { world, partnerId, day, end };
}

/** A step of the feed that has done its work and is not committed while `meanwhile` happens and another drains, which waits or ends. */
async function besideAStep(world: World, meanwhile: () => Promise<unknown>): Promise<void> {
  const deadlocks = repeatedTransactions.get('40P01') ?? 0;
  const slow = await hold(pool, world.programId);
  try {
    expect((await feedStep(slow.tx, world.now)).changed).toBeGreaterThan(0);
    await meanwhile();
    const other = world.drain();
    await Promise.race([other, untilWaiting(root, 1)]);
    await slow.commit();
    await other;
  } finally {
    await slow.rollback();
  }
  await world.drain();
  expect(repeatedTransactions.get('40P01') ?? 0).toBe(deadlocks);
}

it('a step that read a partner’s windows before its contract ended leaves no lock of then behind', async () => {
  const { world, partnerId, day, end } = await aContract();
  await world.touch({ id: 't1', partnerId, occurredAt: day(-41) });
  await world.sale('s1', 10_000, day(-40));
  await besideAStep(world, end);
  expect(
    await world.rows(
      `select s.locks_at = w.locks_at as together, w.is_final
       from conversion_state s
       join attribution_window w on w.partner_id = $1 and w.no = 2`,
      [partnerId],
    ),
  ).toEqual([{ together: true, is_final: true }]);
});

it('a step that read a partner’s contract before it ended leaves no renewal credited beyond the end', async () => {
  const { world, partnerId, day, end } = await aContract();
  await world.touch({ id: 't1', partnerId, occurredAt: day(-3) });
  await world.sale('s1', 10_000, day(-2));
  await world.drain();
  const ended = world.now;
  await world.sale('s2', 5_000, new Date(Date.parse(ended) + 1_000).toISOString(), {
    identity: { customerId: 'another' },
    parentExternalId: 's1',
  });
  await besideAStep(world, end);
  const beside = await world.credits('s2');
  // The same facts in the other order: what comes after the end of the contract.
  await world.sale('s3', 5_000, new Date(Date.parse(ended) + 1_000).toISOString(), {
    identity: { customerId: 'another' },
    parentExternalId: 's1',
  });
  await world.drain();
  expect(beside).toEqual(await world.credits('s3'));
});

it('steps without news of a partner run beside each other', async () => {
  const { world, partnerId, day } = await aContract();
  await world.touch({ id: 't1', partnerId, occurredAt: day(-3) });
  for (const id of ['s1', 's2']) await world.sale(id, 10_000, day(-2), { identity: { customerId: id } });
  const slow = await hold(pool, world.programId);
  const [row] = await world.rows<{ seq: number }>(`select min(seq) as seq from intake_work where kind = 'conversion'`);
  expect((await feedStep(slow.tx, world.now, { only: row!.seq })).taken).toBe(1);
  await world.drain();
  expect(await world.rows('select from conversion_state')).toHaveLength(1);
  await slow.commit();
  expect(await world.rows('select from conversion_state')).toHaveLength(2);
});
