import { beforeAll, describe, expect, it } from '@jest/globals';
import { explainStudied } from '../../../db/attribution/study-explanation.ts';
import { explainConversion } from '../../../db/attribution/explanation.ts';
import type { Pool } from '../../../db/pool.ts';
import { getStudy } from '../../../db/queries/study.ts';
import { aPartner, aProgram, LINEAR } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { FIRST, StudyWorld } from './study-world.ts';

let pool: Pool;
let world: StudyWorld;
let seller: string;
let other: string;
let saleId: string;
let renewalId: string;

useTestPool((opened) => (pool = opened));

beforeAll(async () => {
  const { programId } = await aProgram(pool, { policy: { ...LINEAR, minimumAge: 'PT1H' } });
  world = new StudyWorld(pool, programId);
  ({ partnerId: seller } = await aPartner(pool, programId));
  ({ partnerId: other } = await aPartner(pool, programId));
  await world.touch(
    { id: 't1', partnerId: seller, channel: 'video', subId: 'bio', occurredAt: '2026-03-01T00:00:00Z' },
    { id: 't2', partnerId: other, channel: 'article', occurredAt: '2026-04-09T23:59:00Z' },
    { id: 't3', partnerId: seller, channel: 'video', subId: 'later', occurredAt: '2026-04-09T23:59:30Z' },
  );
  saleId = await world.sale('s1', 1_000, '2026-03-10T00:00:00Z');
  renewalId = await world.sale('s2', 500, '2026-04-10T00:00:00Z', { parentExternalId: 's1' });
  await world.drain();
});

const WEIGHTS = [
  ['t1', 0, 'outside-lookback'],
  ['t2', 0, 'inherited'],
  ['t3', 0, 'inherited'],
];

describe('a renewal', () => {
  it('shows whose shares it has, and no weight of its own journey', async () => {
    const explained = (await world.tx((tx) => explainConversion(tx, renewalId)))!;
    expect(await world.credits('s2')).toEqual({ [seller]: 500 });
    expect(explained).toMatchObject({ inheritedFrom: saleId, isReproduced: true });
    expect(explained.touchpoints.map(({ id, weight, reason }) => [id, weight, reason])).toEqual(WEIGHTS);
    expect(await world.tx((tx) => explainConversion(tx, saleId))).toMatchObject({ inheritedFrom: null });
  });

  it('has content and sub-id of the credit that it inherits', async () => {
    const rows = await world.rows(
      'select sub_id from credit where conversion_id = $1 order by generation desc limit 1',
      [renewalId],
    );
    expect(rows).toEqual([{ sub_id: 'bio' }]);
  });

  it('is not held for the age of what its person touched before it', async () => {
    expect((await world.tx((tx) => explainConversion(tx, renewalId)))!.ageFault).toBeNull();
    expect(await world.rows('select reason from hold')).toEqual([]);
  });

  it('is explained so on both sides of a study', async () => {
    const { id } = await world.studied(FIRST);
    const study = await world.tx((tx) => getStudy(tx, id));
    const sides = await world.tx((tx) => explainStudied(tx, study, [renewalId, saleId]));
    for (const side of Object.values(sides.get(renewalId)!)) {
      expect(side.inheritedFrom).toBe(saleId);
      expect(side.touchpoints.map(({ id: touched, weight, reason }) => [touched, weight, reason])).toEqual(WEIGHTS);
    }
    expect(sides.get(saleId)).toMatchObject({ before: { inheritedFrom: null }, after: { inheritedFrom: null } });
  });
});
