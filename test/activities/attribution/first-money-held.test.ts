import { describe, expect, it } from '@jest/globals';
import type { Pool } from '../../../db/pool.ts';
import { putFxRates } from '../../../db/queries/fx-rate.ts';
import { listEarningPairs } from '../../../db/queries/screen.ts';
import { replayScreen } from '../../../api/screen-replay.ts';
import { defaultSettings } from '../../../domain/program/settings.ts';
import { screensInForce } from '../../../domain/screen/screens.ts';
import { aPartner, aProgram, LINEAR, tenPercent } from '../../support/ground.ts';
import type { PartnerPlan } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { FIRST, StudyWorld } from './study-world.ts';

let pool: Pool;
const SALE_AT = '2026-03-10T12:00:00Z';
const CLICK_AT = '2026-03-10T11:59:59Z';
const DOLLARS = { value: { minor: 10_000, currency: 'USD' } };

useTestPool((opened) => (pool = opened));

async function aHastyWorld(plan: PartnerPlan = {}, policy = LINEAR) {
  const { programId } = await aProgram(pool, { policy });
  const world = new StudyWorld(pool, programId);
  const { partnerId } = await aPartner(pool, programId, plan);
  await world.touch({ id: 't1', partnerId, occurredAt: CLICK_AT });
  return { world, partnerId };
}

async function loadRate(world: StudyWorld) {
  await world.tx((tx) =>
    putFxRates(tx, [{ base: 'USD', quote: 'JPY', day: '2026-03-10', rate: '150', source: 'test' }]),
  );
  await world.drain();
}

const amounts = async (world: StudyWorld, externalId = 's1') =>
  (
    await world.rows<{ amount: number }>(
      `select m.amount_minor as amount from commission m join conversion c on c.id = m.conversion_id
       where c.external_id = $1 and m.kind <> 'goodwill' order by m.revision`,
      [externalId],
    )
  ).map(({ amount }) => amount);

const held = async (world: StudyWorld) =>
  (
    await world.rows<{ text: string }>(
      `select c.external_id || ' ' || h.reason || ' ' || m.amount_minor as text
       from hold h join conversion c on c.id = h.conversion_id join commission m on m.id = h.commission_id order by 1`,
    )
  ).map(({ text }) => text);

describe('money that a conversion earns only later is screened when it comes', () => {
  it('with the rate of its day', async () => {
    const { world, partnerId } = await aHastyWorld({ currency: 'JPY' });
    await world.sale('s1', 10_000, SALE_AT, DOLLARS);
    await world.drain();
    expect(await amounts(world)).toEqual([0]);
    expect(await held(world)).toEqual([]);

    await loadRate(world);
    expect(await amounts(world)).toEqual([0, 1_500]);
    expect(await held(world)).toEqual(['s1 too-fast 1500']);
    const range = { from: '2026-03-01T00:00:00Z', to: '2026-04-01T00:00:00Z', limit: 10 };
    expect(await world.tx((tx) => listEarningPairs(tx, range))).toMatchObject([
      { partnerId, minor: 1_500, currency: 'JPY', isHit: true },
    ]);
  });

  it('with the rate, where the policy wants a person to look at its age', async () => {
    const { world } = await aHastyWorld({ currency: 'JPY' }, { ...LINEAR, minimumAge: 'PT1H' });
    await world.sale('s1', 10_000, SALE_AT, DOLLARS);
    await world.drain();
    await loadRate(world);
    expect(await held(world)).toEqual(['s1 too-fast 1500', 's1 too-soon 1500']);
  });

  it('when a cap lets go of it', async () => {
    const plan = {
      rules: [{ kind: 'percentage' as const, basisPoints: 1_000 }],
      windowCap: { minor: 1_000, currency: 'EUR' },
    };
    const { world, partnerId } = await aHastyWorld({ terms: { ...tenPercent(), plan } });
    const identity = { customerId: 'd' };
    await world.touch({ id: 't2', identity, partnerId, occurredAt: '2026-03-08T00:00:00Z' });
    await world.sale('s0', 10_000, '2026-03-09T00:00:00Z', { identity });
    await world.sale('s1', 10_000, SALE_AT);
    await world.drain();
    expect(await amounts(world)).toEqual([0]);
    await world.refund('r0', 's0', null);
    await world.drain();
    expect(await amounts(world)).toEqual([0, 1_000]);
    expect(await held(world)).toEqual(['s1 too-fast 1000']);
  });

  it('when an evaluation gives it to a partner who had nothing', async () => {
    const { world, partnerId } = await aHastyWorld({}, { ...LINEAR, model: { kind: 'last' } });
    await world.touch({ id: 'own', channel: 'tv', occurredAt: '2026-03-10T11:59:59.5Z' });
    await world.sale('s1', 10_000, SALE_AT);
    await world.drain();
    expect(await world.commission(partnerId, 's1')).toBe(0);
    await world.reevaluate(await world.draft(FIRST));
    expect(await held(world)).toEqual(['s1 too-fast 1000']);
  });

  it('but not when it was earned before the screen was on, whatever comes to it: a replay lists that', async () => {
    const { world, partnerId } = await aHastyWorld();
    const turn = (isOn: boolean) =>
      world.rows(
        `update program set settings = jsonb_set(settings, '{thresholds,screens,too-fast,isOn}', to_jsonb($1::boolean))`,
        [isOn],
      );
    await turn(false);
    await world.touch({ id: 'own', channel: 'tv', occurredAt: '2026-03-10T11:59:59.5Z' });
    await world.sale('s1', 10_000, SALE_AT);
    await world.drain();
    await turn(true);
    await world.reevaluate(await world.draft(FIRST));
    await world.sale('s2', 10_000, SALE_AT);
    await world.drain();
    expect(await amounts(world)).toEqual([500, 500]);
    expect(await held(world)).toEqual(['s2 too-fast 1000']);
    const tooFast = screensInForce(defaultSettings()).find(({ screen }) => screen.name === 'too-fast')!;
    const range = { from: '2026-03-01T00:00:00Z', to: '2026-04-01T00:00:00Z' };
    const found = await world.tx((tx) => replayScreen(tx, tooFast.screen, tooFast.parameters, range));
    expect(found).toMatchObject({ examined: 2, hits: 2, heldBefore: 1, money: [{ minor: 2_000, currency: 'EUR' }] });
    expect(found.sample.find(({ heldBefore }) => !heldBefore)).toMatchObject({
      partnerId,
      commission: { minor: 1_000 },
    });
  });

  it('and never twice', async () => {
    const { world } = await aHastyWorld({ currency: 'JPY' });
    await world.sale('s1', 10_000, SALE_AT, DOLLARS);
    await world.drain();
    await loadRate(world);
    await world.refund('r1', 's1', 4_000, { value: { minor: 4_000, currency: 'USD' } });
    await world.drain();
    await world.reevaluate(
      await world.draft({ ...FIRST, name: 'Nobody', exclusions: [{ partnerType: 'creator', mode: 'always' }] }),
    );
    await world.reevaluate(await world.draft(FIRST));
    expect(await amounts(world)).toEqual([0, 1_500, -600, -900, 900]);
    expect(await held(world)).toEqual(['s1 too-fast 1500']);
  });
});
