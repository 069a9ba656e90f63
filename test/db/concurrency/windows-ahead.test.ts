import { expect, it } from '@jest/globals';
import type pg from 'pg';
import { drainIntake } from '../../../activities/attribution/drain.ts';
import { postStep } from '../../../activities/attribution/post-step.ts';
import type { ActivityDeps } from '../../../activities/deps.ts';
import { createPartnerActivities } from '../../../activities/partner.ts';
import type { Pool } from '../../../db/pool.ts';
import { insertProfile } from '../../../db/queries/partner-change.ts';
import { inTransaction, repeatedTransactions } from '../../../db/transaction.ts';
import { SYSTEM } from '../../../domain/actor.ts';
import { World } from '../../activities/attribution/world.ts';
import { aPartner, aProgram, tenPercent } from '../../support/ground.ts';
import { useGround } from './ground.ts';
import { hold, untilWaiting } from './held.ts';

let pool: Pool;
let root: pg.Client;
useGround((ground) => ({ pool, root } = ground));

const MINUTE_MS = 60_000;

/** A partner whose next window begins in two minutes, with a sale that its sender's clock dates into that one. */
async function aSaleAhead() {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const inMinutes = (minutes: number) => new Date(Date.parse(world.now) + minutes * MINUTE_MS).toISOString();
  const terms = { ...tenPercent(), calendar: { period: 'PT1H', lockAfter: 'PT1H', payAfter: 'PT1H' } };
  const { partnerId, contractId } = await aPartner(pool, programId, { contractFrom: inMinutes(-58), terms });
  await world.drain();
  await world.touch({ id: 't1', partnerId, occurredAt: inMinutes(-10) });
  await world.sale('ahead', 10_000, inMinutes(4));
  await drainIntake(pool, programId, { now: world.now });

  const end = () =>
    createPartnerActivities({ pool } as unknown as ActivityDeps).movePartner({
      ...{ programId, partnerId, from: 'active', to: 'ended', round: 1, actor: SYSTEM, at: world.now },
      endsContractId: contractId,
    });
  const moveHouse = () =>
    inTransaction(pool, programId, (tx) => insertProfile(tx, partnerId, { timeZone: 'Europe/Berlin' }));
  const homeless = () =>
    world.rows('select id from commission where window_id not in (select id from attribution_window)');
  return { world, partnerId, end, moveHouse, homeless };
}

/** A poster that has written its commissions and is not committed while `meanwhile` happens, which waits or ends. */
async function besideAPoster(world: World, meanwhile: () => Promise<unknown>): Promise<void> {
  const deadlocks = repeatedTransactions.get('40P01') ?? 0;
  const poster = await hold(pool, world.programId);
  try {
    expect((await postStep(poster.tx, world.now)).changed).toBe(1);
    const other = meanwhile();
    await Promise.race([other, untilWaiting(root, 1)]);
    await poster.commit();
    await other;
  } finally {
    await poster.rollback();
  }
  expect(repeatedTransactions.get('40P01') ?? 0).toBe(deadlocks);
}

it('a window that holds money stays when the contract ends before it, and what it holds is taken back there', async () => {
  const { world, partnerId, end, homeless } = await aSaleAhead();
  await world.drain();
  expect(await world.commission(partnerId, 'ahead')).toBe(1_000);
  await end();
  await world.drain();
  expect(await homeless()).toEqual([]);
  expect([await world.commission(partnerId, 'ahead'), await world.balance('pending', partnerId)]).toEqual([0, 0]);
  expect(
    await world.rows('select no, is_final from attribution_window where partner_id = $1 order by no', [partnerId]),
  ).toEqual([
    { no: 1, is_final: true },
    { no: 2, is_final: false },
  ]);
});

it('a poster that has read a window before its contract ended does not post into one that is gone', async () => {
  const { world, partnerId, end, homeless } = await aSaleAhead();
  await besideAPoster(world, end);
  expect(await homeless()).toEqual([]);
  await world.drain();
  expect([await world.commission(partnerId, 'ahead'), await world.balance('pending', partnerId)]).toEqual([0, 0]);
});

it('a poster that has read a window before its partner moved house does not post into one that is gone', async () => {
  const { world, partnerId, moveHouse, homeless } = await aSaleAhead();
  await besideAPoster(world, moveHouse);
  expect(await homeless()).toEqual([]);
  await world.drain();
  expect(await world.commission(partnerId, 'ahead')).toBe(1_000);
});
