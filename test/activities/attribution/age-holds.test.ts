import { describe, expect, it } from '@jest/globals';
import type { Pool } from '../../../db/pool.ts';
import { aPartner, aProgram, LINEAR } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { World } from './world.ts';

let pool: Pool;
const CLICK_AT = '2026-03-10T12:00:00Z';

useTestPool((opened) => (pool = opened));

async function anAgedWorld() {
  const policy = { ...LINEAR, name: 'Patient', minimumAge: 'PT1H', maximumAge: 'P2D' };
  const { programId } = await aProgram(pool, { policy });
  const world = new World(pool, programId);
  const { partnerId } = await aPartner(pool, programId);
  await world.touch({ id: 't1', partnerId, occurredAt: CLICK_AT });
  return { world, partnerId };
}

const held = (world: World) =>
  world.rows(
    `select c.external_id as sale, h.reason, h.partner_id as "partnerId", s.screen, s.version, s.parameters, s.evidence, m.amount_minor as minor
     from hold h
     join conversion c on c.id = h.conversion_id
     join commission m on m.id = h.commission_id
     left join screen_hit s on s.hold_id = h.id
     order by c.external_id, h.partner_id`,
  );

describe('a conversion younger or older than its policy allows', () => {
  it.each([
    ['2026-03-10T12:59:59Z', 'too-soon', 'PT1H', 'less than the minimum of PT1H'],
    ['2026-03-12T12:00:01Z', 'too-late', 'P2D', 'more than the maximum of P2D'],
  ])('at %s is credited and held as %s, with what was seen', async (at, reason, within, says) => {
    const { world, partnerId } = await anAgedWorld();
    await world.sale('s1', 10_000, at);
    await world.drain();
    expect(await world.credits('s1')).toEqual({ [partnerId]: 10_000 });
    expect(await world.commission(partnerId, 's1')).toBe(1_000);
    const evidence = `The conversion came ${says} after the last touchpoint that earned a partner credit (${CLICK_AT}), by the policy “Patient”, version 1.`;
    const rule = { screen: reason, version: 1, parameters: { within } };
    expect(await held(world)).toEqual([{ sale: 's1', reason, partnerId, ...rule, evidence, minor: 1_000 }]);
  });

  it.each([['2026-03-10T13:00:00Z'], ['2026-03-12T12:00:00Z']])('is not one at %s, at the very age', async (at) => {
    const { world, partnerId } = await anAgedWorld();
    await world.sale('s1', 10_000, at);
    await world.drain();
    expect(await world.commission(partnerId, 's1')).toBe(1_000);
    expect(await held(world)).toEqual([]);
  });

  it('is told by the youngest touchpoint of a partner, and held for each partner who earns with it', async () => {
    const { world, partnerId } = await anAgedWorld();
    const other = await aPartner(pool, world.programId);
    await world.touch(
      { id: 't2', partnerId: other.partnerId, occurredAt: '2026-03-10T14:00:00Z' },
      { id: 'own', channel: 'tv', occurredAt: '2026-03-12T17:59:00Z' },
    );
    await world.sale('old', 9_000, '2026-03-12T18:00:00Z');
    await world.sale('middle', 9_000, '2026-03-10T15:00:00Z');
    await world.drain();
    const of = (id: string) => ({ sale: 'old', reason: 'too-late', partnerId: id, minor: 300 });
    expect(await held(world)).toEqual(
      [partnerId, other.partnerId]
        .sort()
        .map((id) =>
          expect.objectContaining({ ...of(id), evidence: expect.stringContaining('(2026-03-10T14:00:00Z)') }),
        ),
    );
  });
});
