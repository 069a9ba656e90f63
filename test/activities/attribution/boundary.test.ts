import { describe, expect, it } from '@jest/globals';
import { advanceBoundaries, settleBoundary } from '../../../activities/attribution/advance.ts';
import { lockWindow } from '../../../activities/attribution/lock-window.ts';
import { closeWindowsAtEnd, openAllWindows } from '../../../activities/windows.ts';
import { joinIntake } from '../../../db/locks.ts';
import type { Pool } from '../../../db/pool.ts';
import { listPartnersBehind } from '../../../db/queries/partner-facts.ts';
import { cutAtBoundary, readClock, sealBoundary } from '../../../db/queries/program-clock.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { aPartner, aProgram, tenPercent } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { World } from './world.ts';

let pool: Pool;
const MONTH_MS = 31 * 86_400_000;

useTestPool((opened) => (pool = opened));

async function aWorldWithSale() {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const from = new Date(Date.parse(world.now) - 2 * 86_400_000).toISOString();
  const saleAt = new Date(Date.parse(world.now) - 86_400_000).toISOString();
  const { partnerId, contractId } = await aPartner(pool, programId, { contractFrom: from });
  await world.touch({ id: 't1', partnerId, occurredAt: from });
  await world.sale('s1', 10_000, saleAt);
  await world.drain();
  return { world, partnerId, contractId, from, saleAt };
}

const later = (world: World, months: number) => new Date(Date.parse(world.now) + months * MONTH_MS).toISOString();

describe('boundaries', () => {
  it('locks a window: money moves once, later evidence is listed and moves nothing, a refund is taken from locked', async () => {
    const { world, partnerId, from } = await aWorldWithSale();
    const [window] = await world.rows<{ id: string }>(
      'select id from attribution_window where partner_id = $1 and no = 1',
      [partnerId],
    );
    await expect(lockWindow(pool, world.programId, window!.id, world.now)).rejects.toMatchObject({ code: 'conflict' });
    world.now = later(world, 3);
    await advanceBoundaries(pool, world.programId, { now: world.now });
    await lockWindow(pool, world.programId, window!.id, world.now);
    await lockWindow(pool, world.programId, window!.id, world.now);
    expect([await world.balance('pending', partnerId), await world.balance('locked', partnerId)]).toEqual([0, 1_000]);

    const late = await aPartner(pool, world.programId, { contractFrom: from });
    await world.touch({ id: 't2', partnerId: late.partnerId, occurredAt: from });
    await world.drain();
    expect(await world.credits('s1')).toEqual({ [partnerId]: 10_000 });

    await world.refund('r1', 's1', 4_000);
    await world.drain();
    expect(await world.rows('select amount_minor, account, kind from commission order by revision')).toEqual([
      { amount_minor: 1_000, account: 'pending', kind: 'earned' },
      { amount_minor: -400, account: 'locked', kind: 'refund' },
    ]);
    expect([await world.balance('pending', partnerId), await world.balance('locked', partnerId)]).toEqual([0, 600]);
  });

  it('pays a sale that comes after the lock of its window in the open one', async () => {
    const { world, partnerId, saleAt } = await aWorldWithSale();
    world.now = later(world, 3);
    await advanceBoundaries(pool, world.programId, { now: world.now });
    await world.sale('s2', 5_000, saleAt);
    await world.drain();
    const rows = await world.rows<{ no: number; locked: boolean }>(
      `select w.no, w.locks_at <= (select sealed_at from program_clock) as locked
       from commission m join conversion c on c.id = m.conversion_id join attribution_window w on w.id = m.window_id
       where c.external_id = 's2'`,
    );
    expect(rows).toEqual([{ no: expect.any(Number), locked: false }]);
    expect(await world.commission(partnerId, 's2')).toBe(500);
  });

  it('stamps nothing before a cut, even when the clock steps back, and reads nothing past the horizon', async () => {
    const { world } = await aWorldWithSale();
    const boundary = later(world, 5);
    await inTransaction(pool, world.programId, (tx) => cutAtBoundary(tx, boundary));
    const stamp = await inTransaction(pool, world.programId, joinIntake);
    expect(Date.parse(stamp)).toBe(Date.parse(boundary));
  });

  it("waits with the seal while a row received before it is in somebody's hands", async () => {
    const { world } = await aWorldWithSale();
    await world.sale('s9', 100, world.now);
    const boundary = later(world, 1);
    await inTransaction(pool, world.programId, (tx) => cutAtBoundary(tx, boundary));
    await inTransaction(pool, world.programId, async (tx) => {
      await tx.query('delete from intake_work where program_id = $1', [world.programId]);
      expect(await inTransaction(pool, world.programId, (other) => sealBoundary(other, boundary))).toBe(false);
    });
    expect(await inTransaction(pool, world.programId, (tx) => sealBoundary(tx, boundary))).toBe(true);
  });

  it('is settled by several at once, each boundary sealed once', async () => {
    const { world } = await aWorldWithSale();
    const boundary = later(world, 2);
    const before = await inTransaction(pool, world.programId, readClock);
    await Promise.all([1, 2, 3].map(() => settleBoundary(pool, world.programId, boundary, { now: boundary })));
    const after = await inTransaction(pool, world.programId, readClock);
    expect(Date.parse(after.sealedAt)).toBe(Date.parse(boundary));
    const passed = await world.rows<{ n: number }>(
      'select count(distinct locks_at) as n from attribution_window where locks_at > $1 and locks_at < $2',
      [before.sealedAt, boundary],
    );
    expect(after.epoch - before.epoch).toBe(passed[0]!.n + 1);
  });

  it('closes the window at the end of a contract, and a later correction finds an open one', async () => {
    const { world, partnerId, contractId } = await aWorldWithSale();
    const endedAt = world.now;
    await inTransaction(pool, world.programId, async (tx) => {
      const receivedAt = await joinIntake(tx);
      await tx.query(
        `insert into contract_fact (program_id, partner_id, contract_id, kind, version, at, received_at) values ($1, $2, $3, 'ended', 1, $4, $5)`,
        [world.programId, partnerId, contractId, endedAt, receivedAt],
      );
      await closeWindowsAtEnd(tx, partnerId, endedAt, receivedAt);
    });
    await world.drain();
    expect(
      await world.rows(
        'select no, is_final, to_at = $1::timestamptz as "atEnd" from attribution_window where partner_id = $2',
        [endedAt, partnerId],
      ),
    ).toEqual([{ no: 1, is_final: true, atEnd: true }]);
    world.now = later(world, 4);
    // Looking for missing windows costs nothing for partners whose contracts ended, until somebody needs a window of theirs.
    const behind = (...ids: string[]) =>
      inTransaction(pool, world.programId, (tx) => listPartnersBehind(tx, world.now, ids));
    expect([await behind(), await behind(partnerId)]).toEqual([[], [partnerId]]);
    await advanceBoundaries(pool, world.programId, { now: world.now });
    await world.sale('s2', 1_000, new Date(Date.parse(endedAt) - 3_600_000).toISOString());
    await world.drain();
    expect(await world.commission(partnerId, 's2')).toBe(100);
  });

  it('counts the locks of weeks, months and time zones as the examples say', async () => {
    const { programId } = await aProgram(pool);
    const terms = { ...tenPercent(), calendar: { period: 'biweekly', lockAfter: 'P7D', payAfter: 'P7D' } };
    const world = new World(pool, programId);
    const { partnerId } = await aPartner(pool, programId, {
      terms,
      timeZone: 'Europe/Berlin',
      contractFrom: '2026-03-15T23:00:00Z',
    });
    await advanceBoundaries(pool, programId, { now: world.now });
    const [first] = await world.rows<{ hours: string }>(
      `select extract(epoch from to_at - from_at)::int / 3600 as hours from attribution_window where partner_id = $1 and no = 1`,
      [partnerId],
    );
    expect(Number(first!.hours)).toBe(335);
    const [holder] = await world.rows(
      `select no from attribution_window where partner_id = $1 and from_at <= '2026-03-29T22:30:00Z' and to_at > '2026-03-29T22:30:00Z'`,
      [partnerId],
    );
    expect(holder).toEqual({ no: 2 });
  });
});

it('writes the windows of many partners from many workers at once, each once', async () => {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  for (let no = 0; no < 4; no += 1) await aPartner(pool, programId);
  await Promise.all(Array.from({ length: 8 }, () => openAllWindows(pool, programId, world.now)));
  const rows = await world.rows<{ n: number }>(
    'select count(*) as n from attribution_window group by partner_id order by 1',
  );
  expect(new Set(rows.slice(1).map(({ n }) => n)).size).toBe(1);
  expect(rows).toHaveLength(5);
});
