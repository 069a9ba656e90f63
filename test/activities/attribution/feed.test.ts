import { describe, expect, it } from '@jest/globals';
import { intakeIdentities } from '../../../db/intake/identities.ts';
import type { Pool } from '../../../db/pool.ts';
import { putFxRates } from '../../../db/queries/fx-rate.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { aPartner, aProgram, LINEAR, tenPercent } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { World } from './world.ts';

let pool: Pool;
const SALE_AT = '2026-03-10T12:00:00Z';

useTestPool((opened) => (pool = opened));

async function aWorld(plan: Parameters<typeof aProgram>[1] = {}): Promise<World> {
  const { programId } = await aProgram(pool, plan);
  return new World(pool, programId);
}

describe('from facts to credit to commission', () => {
  it('splits a sale evenly, earns ten percent, and writes nothing the second time', async () => {
    const world = await aWorld();
    const a = await aPartner(pool, world.programId);
    await world.touch(
      { id: 't1', partnerId: a.partnerId, occurredAt: '2026-03-01T00:00:00Z' },
      { id: 't2', channel: 'paid_search', occurredAt: '2026-03-02T00:00:00Z' },
    );
    await world.sale('s1', 10_001, SALE_AT);
    await world.drain();
    expect(await world.credits('s1')).toEqual({ [a.partnerId]: 5_001, paid_search: 5_000 });
    expect(await world.commission(a.partnerId, 's1')).toBe(500);
    expect(await world.balance('pending', a.partnerId)).toBe(500);
    await world.rows(
      `insert into intake_work (program_id, kind, from_at, received_at) values ($1, 'range', '2026-01-01', now())`,
      [world.programId],
    );
    await world.drain();
    expect(await world.rows('select 1 from commission')).toHaveLength(1);
    expect(await world.rows('select distinct generation from credit')).toEqual([{ generation: 1 }]);
  });

  it('credits nobody as unattributed', async () => {
    const world = await aWorld();
    await world.sale('s1', 100, SALE_AT);
    await world.drain();
    expect(await world.credits('s1')).toEqual({ unattributed: 100 });
  });

  it('credits anew when touchpoints come late and persons merge', async () => {
    const world = await aWorld();
    const { partnerId } = await aPartner(pool, world.programId);
    await world.sale('s1', 1_000, SALE_AT);
    await world.drain();
    await world.touch({ id: 't1', channel: 'paid_search', occurredAt: '2026-03-05T00:00:00Z' });
    await world.drain();
    expect(await world.credits('s1')).toEqual({ paid_search: 1_000 });
    await world.touch({ id: 't2', partnerId, identity: { visitorId: 'v' }, occurredAt: '2026-03-06T00:00:00Z' });
    await intakeIdentities(pool, world.programId, [{ visitorId: 'v', customerId: 'c', occurredAt: SALE_AT }]);
    await world.drain();
    expect(await world.credits('s1')).toEqual({ [partnerId]: 500, paid_search: 500 });
  });

  it('takes refunds in order of receipt, before the sale too, and refuses what is above', async () => {
    const world = await aWorld();
    const { partnerId } = await aPartner(pool, world.programId);
    await world.touch({ id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' });
    await world.refund('r1', 's1', 3_000);
    await world.drain();
    await world.sale('s1', 10_000, SALE_AT);
    await world.drain();
    expect(await world.commission(partnerId, 's1')).toBe(700);
    await world.refund('r2', 's1', 8_000);
    await world.refund('r3', 's1', null);
    await world.refund('r4', 's1', 1);
    await world.drain();
    expect(await world.commission(partnerId, 's1')).toBe(0);
    expect(
      await world.rows(
        'select r.external_id as id, d.state, d.reason from refund_decision d join refund r on r.id = d.refund_id order by 1',
      ),
    ).toEqual([
      { id: 'r1', state: 'applied', reason: null },
      { id: 'r2', state: 'refused', reason: 'above-what-remains' },
      { id: 'r3', state: 'applied', reason: null },
      { id: 'r4', state: 'refused', reason: 'nothing-remains' },
    ]);
    expect(await world.rows('select kind, amount_minor from commission order by revision')).toEqual([
      { kind: 'earned', amount_minor: 700 },
      { kind: 'refund', amount_minor: -700 },
    ]);
  });

  it('lets a renewal inherit the shares of its parent, also when the parent is credited anew', async () => {
    const world = await aWorld();
    const { partnerId } = await aPartner(pool, world.programId);
    await world.sale('s2', 500, '2026-03-20T00:00:00Z', { parentExternalId: 's1', identity: { customerId: 'other' } });
    await world.drain();
    expect(await world.credits('s2')).toEqual({ unattributed: 500 });
    await world.touch(
      { id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' },
      { id: 't2', channel: 'tv', occurredAt: '2026-03-02T00:00:00Z' },
    );
    await world.sale('s1', 1_000, SALE_AT);
    await world.drain();
    expect(await world.credits('s2')).toEqual({ [partnerId]: 250, tv: 250 });
  });

  it('computes a window with tiers as a whole, and its other rows move when one is refunded', async () => {
    const world = await aWorld();
    const terms = {
      ...tenPercent(),
      plan: {
        rules: [
          {
            kind: 'tiered' as const,
            tiers: [
              { above: { minor: 0, currency: 'EUR' }, basisPoints: 1_000 },
              { above: { minor: 100_000, currency: 'EUR' }, basisPoints: 1_500 },
            ],
          },
        ],
      },
    };
    const { partnerId } = await aPartner(pool, world.programId, { terms });
    await world.touch({ id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' });
    await world.sale('s1', 90_000, '2026-03-05T00:00:00Z');
    await world.drain();
    await world.sale('s2', 40_000, '2026-03-06T00:00:00Z');
    await world.drain();
    expect(await world.commission(partnerId, 's2')).toBe(5_500);
    await world.refund('r1', 's1', 90_000);
    await world.drain();
    expect([await world.commission(partnerId, 's1'), await world.commission(partnerId, 's2')]).toEqual([0, 4_000]);
  });

  it('gives back to the second what a window cap had cut off, when the first is refunded', async () => {
    const world = await aWorld();
    const terms = {
      ...tenPercent(),
      plan: {
        rules: [{ kind: 'percentage' as const, basisPoints: 8_000 }],
        windowCap: { minor: 10_000, currency: 'EUR' },
      },
    };
    const { partnerId } = await aPartner(pool, world.programId, { terms });
    await world.touch({ id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' });
    await world.sale('c1', 10_000, '2026-03-05T00:00:00Z');
    await world.sale('c2', 10_000, '2026-03-06T00:00:00Z');
    await world.drain();
    expect([await world.commission(partnerId, 'c1'), await world.commission(partnerId, 'c2')]).toEqual([8_000, 2_000]);
    expect(await world.rows('select capped_minor from commission where capped_minor > 0')).toEqual([
      { capped_minor: 6_000 },
    ]);
    await world.refund('r1', 'c1', null);
    await world.drain();
    expect([await world.commission(partnerId, 'c1'), await world.commission(partnerId, 'c2')]).toEqual([0, 8_000]);
  });

  it('converts at the rate of the day of the sale, waits for it, and keeps it', async () => {
    const world = await aWorld();
    const three = await Promise.all([1, 2, 3].map(() => aPartner(pool, world.programId, { currency: 'JPY' })));
    const [p1, p2, p3] = three.map(({ partnerId }) => partnerId);
    await world.touch(
      { id: 'b', partnerId: p2, occurredAt: '2026-03-01T00:00:00Z' },
      { id: 'a', partnerId: p1, occurredAt: '2026-03-02T00:00:00Z' },
      { id: 'c', partnerId: p3, occurredAt: '2026-03-03T00:00:00Z' },
    );
    await world.sale('s1', 12_025, SALE_AT, { value: { minor: 12_025, currency: 'USD' } });
    await world.refund('r1', 's1', 2_000, { value: { minor: 2_000, currency: 'USD' } });
    await world.drain();
    expect(await world.rows('select distinct amount_minor, reason from commission')).toEqual([
      { amount_minor: 0, reason: 'no-rate' },
    ]);
    await inTransaction(pool, world.programId, (tx) =>
      putFxRates(tx, [{ base: 'USD', quote: 'JPY', day: '2026-03-10', rate: '150.37', source: 'test' }]),
    );
    await world.drain();
    expect((await world.credits('s1'))[p2!]).toBe(3_342);
    expect(await world.commission(p2!, 's1')).toBe(503);
    const change = inTransaction(pool, world.programId, (tx) =>
      putFxRates(tx, [{ base: 'USD', quote: 'JPY', day: '2026-03-10', rate: '151', source: 'test' }]),
    );
    await expect(change).rejects.toMatchObject({ code: 'immutable' });
  });

  it('pays flat amounts by share until the whole value is returned', async () => {
    const world = await aWorld();
    const terms = {
      ...tenPercent(),
      plan: { rules: [{ kind: 'flat' as const, amount: { minor: 1_000, currency: 'EUR' } }] },
    };
    const { partnerId } = await aPartner(pool, world.programId, { terms });
    await world.touch(
      { id: 'a', partnerId, occurredAt: '2026-03-01T00:00:00Z' },
      { id: 'b', channel: 'x', occurredAt: '2026-03-02T00:00:00Z' },
      { id: 'c', channel: 'y', occurredAt: '2026-03-03T00:00:00Z' },
    );
    await world.sale('s1', 9_000, SALE_AT);
    await world.refund('r1', 's1', 4_500);
    await world.drain();
    expect(await world.commission(partnerId, 's1')).toBe(333);
    await world.refund('r2', 's1', null);
    await world.drain();
    expect(await world.commission(partnerId, 's1')).toBe(0);
  });

  it('leaves 14, 13 and 13 cents after sixty refunds of a cent from one euro over three partners', async () => {
    const world = await aWorld();
    const partners = await Promise.all([1, 2, 3].map(() => aPartner(pool, world.programId)));
    await world.touch(
      ...partners.map(({ partnerId }, index) => ({
        id: `t${index}`,
        partnerId,
        occurredAt: `2026-03-0${index + 1}T00:00:00Z`,
      })),
    );
    await world.sale('s1', 100, SALE_AT);
    for (let index = 0; index < 60; index += 1) await world.refund(`r${index}`, 's1', 1);
    await world.drain();
    expect(Object.values(await world.credits('s1')).sort()).toEqual([13, 13, 14]);
  });

  it('weighs the worked example of time decay with multipliers, lookbacks and unless-only', async () => {
    const world = await aWorld({
      policy: {
        ...LINEAR,
        model: { kind: 'time-decay', halfLife: 'P7D' },
        exclusions: [{ channel: 'system_email', mode: 'unless-only' }],
        multipliers: [
          { channel: 'video', factor: 1.5 },
          { partnerType: 'creator', factor: 1.2 },
        ],
        lookback: { default: 'P30D', byKind: { view: 'P1D' }, byChannel: {} },
      },
    });
    const p1 = await aPartner(pool, world.programId, { contractFrom: '2025-06-01T00:00:00Z' });
    const p2 = await aPartner(pool, world.programId, { contractFrom: '2025-06-01T00:00:00Z' });
    const p3 = await aPartner(pool, world.programId, { type: 'coupon', contractFrom: '2025-06-01T00:00:00Z' });
    const before = (days: number, hours = 0) =>
      new Date(Date.parse(SALE_AT) - (days * 24 + hours) * 3_600_000).toISOString();
    await world.touch(
      { id: '1', partnerId: p1.partnerId, channel: 'video', occurredAt: before(29, 23) },
      { id: '2', partnerId: p1.partnerId, channel: 'video', occurredAt: before(3) },
      { id: '3', partnerId: p2.partnerId, channel: 'blog', kind: 'view', occurredAt: before(20) },
      { id: '4', partnerId: p3.partnerId, channel: 'coupon', occurredAt: before(7) },
      { id: '5', channel: 'system_email', occurredAt: before(1) },
    );
    await world.sale('s1', 10_000, SALE_AT);
    await world.drain();
    expect(await world.credits('s1')).toEqual({ [p1.partnerId]: 7_409, [p3.partnerId]: 2_591 });
  });

  it('holds a sale that follows its click faster than a person can buy', async () => {
    const world = await aWorld();
    const { partnerId } = await aPartner(pool, world.programId);
    await world.touch({ id: 't1', partnerId, occurredAt: '2026-03-10T11:59:59Z' });
    await world.sale('s1', 1_000, SALE_AT);
    await world.drain();
    expect(await world.rows('select reason, placed_by from hold')).toEqual([
      { reason: 'too-fast', placed_by: 'screen/too-fast' },
    ]);
  });
});
