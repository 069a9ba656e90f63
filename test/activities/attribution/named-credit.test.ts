import { describe, expect, it } from '@jest/globals';
import { auditProgram } from '../../../audit/run.ts';
import type { Pool } from '../../../db/pool.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { World } from './world.ts';

let pool: Pool;
const SALE_AT = '2026-03-10T12:00:00Z';
const DAY_MS = 86_400_000;

useTestPool((opened) => (pool = opened));

async function aWorld(): Promise<{ world: World; partnerId: string }> {
  const { programId } = await aProgram(pool);
  return { world: new World(pool, programId), partnerId: (await aPartner(pool, programId)).partnerId };
}

/** Sub-ids of the credits in force, with their generation. */
async function subIdsOf(world: World, externalId: string): Promise<unknown[]> {
  return world.rows(
    `select k.sub_id as "subId", k.generation
     from conversion c join conversion_state s on s.conversion_id = c.id join credit k on k.conversion_id = c.id and k.generation = s.generation
     where c.external_id = $1 order by 1`,
    [externalId],
  );
}

async function faultsOf({ programId }: World): Promise<unknown[]> {
  const findings = await auditProgram({ pool, client: null, providerUrl: null }, programId);
  return findings.filter(({ result }) => result === 'fault');
}

describe('content and sub-id of a credit', () => {
  it('follow a touchpoint that comes late, in a new generation that moves no money', async () => {
    const { world, partnerId } = await aWorld();
    await world.touch({ id: 't1', partnerId, subId: 'a', occurredAt: '2026-03-01T00:00:00Z' });
    await world.sale('s1', 1_000, SALE_AT);
    await world.sale('s2', 500, '2026-03-11T00:00:00Z', { parentExternalId: 's1' });
    await world.drain();
    expect(await subIdsOf(world, 's1')).toEqual([{ subId: 'a', generation: 1 }]);
    const posted = await world.rows('select id from commission order by id');
    expect(posted).toHaveLength(2);

    await world.touch({ id: 't2', partnerId, subId: 'b', occurredAt: '2026-03-02T00:00:00Z' });
    await world.drain();
    expect(await subIdsOf(world, 's1')).toEqual([{ subId: 'b', generation: 2 }]);
    expect(await subIdsOf(world, 's2')).toEqual([{ subId: 'b', generation: expect.any(Number) }]);
    expect(await world.rows('select id from commission order by id')).toEqual(posted);
    expect(await faultsOf(world)).toEqual([]);

    await world.touch({ id: 't0', partnerId, subId: 'c', occurredAt: '2026-02-28T00:00:00Z' });
    await world.drain();
    expect(await subIdsOf(world, 's1')).toEqual([{ subId: 'b', generation: 2 }]);
  });

  it('are those of the last of several touchpoints of one instant, by receipt and then by id, whatever the order of the rows', async () => {
    const { world, partnerId } = await aWorld();
    const both = { partnerId, occurredAt: '2026-03-01T00:00:00Z' };
    await world.touch({ ...both, id: 't3', subId: 'third' }, { ...both, id: 't1', subId: 'first' });
    await world.sale('s1', 1_000, SALE_AT);
    await world.drain();
    expect(await subIdsOf(world, 's1')).toMatchObject([{ subId: 'third' }]);
    await world.touch({ ...both, id: 't2', subId: 'later' });
    await world.drain();
    expect(await subIdsOf(world, 's1')).toMatchObject([{ subId: 'later' }]);
  });

  it('of a locked conversion stay what they are, whatever comes late', async () => {
    const { world, partnerId } = await aWorld();
    const ago = (days: number) => new Date(Date.parse(world.now) - days * DAY_MS).toISOString();
    await world.touch({ id: 't1', partnerId, subId: 'a', occurredAt: ago(3) });
    const [late, saleAt] = [ago(2), ago(1)];
    await world.sale('s1', 1_000, saleAt);
    await world.drain();
    world.now = new Date(Date.parse(world.now) + 93 * DAY_MS).toISOString();
    await world.drain();
    await world.touch({ id: 't2', partnerId, subId: 'b', occurredAt: late });
    await world.drain();
    expect(await subIdsOf(world, 's1')).toEqual([{ subId: 'a', generation: 1 }]);
    expect(await faultsOf(world)).toEqual([]);
  });

  it('are no fault where they were stored before they were kept in step, and are mended when the feed looks again', async () => {
    const { world, partnerId } = await aWorld();
    await world.touch({ id: 't1', partnerId, subId: 'a', occurredAt: '2026-03-01T00:00:00Z' });
    const conversionId = await world.sale('s1', 1_000, SALE_AT);
    await world.drain();
    await world.rows(
      `insert into credit (program_id, conversion_id, conversion_at, generation, beneficiary_kind, beneficiary_id, channel, share_e12, value_minor,
         currency, policy_id, evaluation_id, content_id, sub_id, epoch)
       select program_id, conversion_id, conversion_at, 2, beneficiary_kind, beneficiary_id, channel, share_e12, value_minor, currency, policy_id,
         evaluation_id, content_id, 'stale', epoch
       from credit`,
    );
    await world.rows('update conversion_state set generation = 2 where conversion_id = $1', [conversionId]);
    expect(await subIdsOf(world, 's1')).toEqual([{ subId: 'stale', generation: 2 }]);
    expect(await faultsOf(world)).toEqual([]);
    await world.touch({ id: 't0', partnerId, subId: 'a', occurredAt: '2026-02-20T00:00:00Z' });
    await world.drain();
    expect(await subIdsOf(world, 's1')).toEqual([{ subId: 'a', generation: 3 }]);
  });
});
