import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { cutNow, cutAtBoundary, HorizonFell, readClock, assertHorizon } from '../../../db/queries/program-clock.ts';
import { CONVERSION_INTAKE } from '../../../db/intake/conversions.ts';
import { storeBatch } from '../../../db/intake/batch.ts';
import { joinIntake } from '../../../db/locks.ts';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { settleBoundary } from '../../../activities/attribution/advance.ts';
import { World } from '../../activities/attribution/world.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { hold, untilWaiting } from './held.ts';

let postgres: TestPostgres;
let pool: Pool;
let root: pg.Client;
let world: World;
let partnerId: string;

beforeAll(async () => {
  postgres = await startTestPostgres();
  pool = createPool({ url: postgres.url });
  root = new pg.Client({ connectionString: postgres.superuserUrl });
  await root.connect();
  const { programId } = await aProgram(pool);
  world = new World(pool, programId);
  ({ partnerId } = await aPartner(pool, programId));
});
afterAll(async () => {
  await root.end();
  await pool.end();
  await postgres.stop();
});

const aSale = (externalId: string) => ({
  externalId,
  identity: { customerId: 'c' },
  type: 'purchase',
  value: { minor: 1_000, currency: 'EUR' },
  occurredAt: '2026-03-02T00:00:00Z',
});
const databaseTime = async () => (await world.rows<{ at: string }>('select clock_timestamp() as at'))[0]!.at;
const receivedAt = async (externalId: string) =>
  (
    await world.rows<{ at: string }>('select received_at as at from conversion where external_id = $1', [externalId])
  )[0]!.at;

describe('a cut beside a slow intake', () => {
  it('waits for it, and whoever comes behind is stamped at or after the boundary', async () => {
    const slow = await hold(pool, world.programId);
    await storeBatch(slow.tx, [aSale('slow')], CONVERSION_INTAKE);
    const boundary = await databaseTime();

    const cut = inTransaction(pool, world.programId, (tx) => cutAtBoundary(tx, boundary));
    await untilWaiting(root, 1);
    const behind = inTransaction(pool, world.programId, (tx) => storeBatch(tx, [aSale('behind')], CONVERSION_INTAKE));
    await untilWaiting(root, 2);
    expect(await world.rows('select 1 from conversion')).toEqual([]);
    await slow.commit();
    await cut;
    await behind;

    expect((await receivedAt('slow')) < boundary).toBe(true);
    expect((await receivedAt('behind')) >= boundary).toBe(true);
  });

  it('keeps the microseconds of the stamp, which orders facts within a millisecond', async () => {
    const stamps: string[] = [];
    for (let turn = 0; turn < 20; turn += 1) stamps.push(await inTransaction(pool, world.programId, joinIntake));
    expect(stamps.some((stamp) => /\.\d{4,6}Z$/.test(stamp))).toBe(true);
    expect(new Set(stamps).size).toBe(stamps.length);
  });

  it('writes the instant of an evaluation where nothing was stamped at or after it', async () => {
    const before = await inTransaction(pool, world.programId, joinIntake);
    const cut = await inTransaction(pool, world.programId, cutNow);
    expect(cut > before).toBe(true);
    expect((await inTransaction(pool, world.programId, joinIntake)) >= cut).toBe(true);
  });
});

it('does a step again when a boundary was set while it worked', async () => {
  const clocks: string[] = [];
  const later = new Date(Date.parse(await databaseTime()) + 3_600_000).toISOString();
  const step = () =>
    inTransaction(pool, world.programId, async (tx) => {
      const { horizon } = await readClock(tx);
      clocks.push(horizon);
      if (clocks.length === 1) {
        await root.query(
          `insert into attribution_window (program_id, id, partner_id, no, from_at, to_at, locks_at, statement_at, pay_at, time_zone, currency)
           values ($1, 'wnd_early', 'prt_early', 1, $2::timestamptz - interval '1 day', $2, $2, $2, $2, 'UTC', 'EUR')`,
          [world.programId, later],
        );
      }
      await assertHorizon(tx, horizon);
    });
  await step();
  expect(clocks).toHaveLength(2);
  expect(Date.parse(clocks[1]!)).toBe(Date.parse(later));
  await expect(inTransaction(pool, world.programId, (tx) => assertHorizon(tx, 'infinity'))).rejects.toThrow(
    HorizonFell,
  );
  await root.query(`delete from attribution_window where id = 'wnd_early'`);
});

it('keeps by epoch what stood at each boundary, while later evidence moves on', async () => {
  const customer = { identity: { customerId: 'epochs' } };
  const other = await aPartner(pool, world.programId);
  await world.touch({ id: 'e1', partnerId, occurredAt: '2026-03-01T00:00:00Z', ...customer });
  await world.sale('epochs', 10_000, '2026-03-10T00:00:00Z', customer);
  await world.drain();
  const boundary = await inTransaction(pool, world.programId, cutNow);
  await settleBoundary(pool, world.programId, boundary, { now: world.now });
  const { epoch } = await inTransaction(pool, world.programId, readClock);
  await world.touch({ id: 'e2', partnerId: other.partnerId, occurredAt: '2026-03-02T00:00:00Z', ...customer });
  await world.drain();

  const creditsUpTo = (last: number) =>
    world.rows<{ id: string; minor: number }>(
      `select k.beneficiary_id as id, k.value_minor as minor from credit k
       join conversion c on c.id = k.conversion_id
       where c.external_id = 'epochs' and k.generation =
         (select max(generation) from credit o where o.conversion_id = k.conversion_id and o.epoch <= $1)
       order by 1`,
      [last],
    );
  const totals = (last: number) =>
    world.rows<{ id: string; minor: number }>(
      `select m.partner_id as id, sum(m.amount_minor)::bigint as minor from commission m
       join conversion c on c.id = m.conversion_id
       where c.external_id = 'epochs' and m.epoch <= $1 group by 1 order by 1`,
      [last],
    );
  const halves = [partnerId, other.partnerId].sort();
  expect(await creditsUpTo(epoch - 1)).toEqual([{ id: partnerId, minor: 10_000 }]);
  expect(await totals(epoch - 1)).toEqual([{ id: partnerId, minor: 1_000 }]);
  expect(await creditsUpTo(epoch)).toEqual(halves.map((id) => ({ id, minor: 5_000 })));
  expect(await totals(epoch)).toEqual(halves.map((id) => ({ id, minor: 500 })));
});
