import { expect, it } from '@jest/globals';
import { explainConversion } from '../../../db/attribution/explanation.ts';
import { intakeIdentities } from '../../../db/intake/identities.ts';
import type { Pool } from '../../../db/pool.ts';
import { aPartner, aProgram, LINEAR } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { StudyWorld } from './study-world.ts';

let pool: Pool;
const DAY_MS = 86_400_000;

useTestPool((opened) => (pool = opened));

it('a locked conversion lists what came late and what was known and found to be of the same person late, until it counts', async () => {
  const { programId } = await aProgram(pool);
  const world = new StudyWorld(pool, programId);
  const ago = (days: number) => new Date(Date.parse(world.now) - days * DAY_MS).toISOString();
  const { partnerId } = await aPartner(pool, programId, { contractFrom: ago(3) });
  const [before, at] = [ago(2), ago(1)];
  await world.touch(
    { id: 't1', partnerId, occurredAt: before },
    { id: 't2', identity: { visitorId: 'v' }, channel: 'tv', occurredAt: before },
  );
  const saleId = await world.sale('s1', 10_000, at);
  await world.drain();
  const explained = async () => (await world.tx((tx) => explainConversion(tx, saleId)))!;
  expect((await explained()).lateEvidence).toEqual([]);

  world.now = new Date(Date.parse(world.now) + 93 * DAY_MS).toISOString();
  await world.drain();
  await intakeIdentities(pool, programId, [{ visitorId: 'v', customerId: 'c', occurredAt: at }]);
  await world.touch({ id: 't3', channel: 'radio', occurredAt: at });
  await world.drain();
  const { touchpoints, lateEvidence, isReproduced } = await explained();
  expect(touchpoints.map(({ id }) => id)).toEqual(['t1']);
  expect(lateEvidence.map(({ id, reason }) => [id, reason])).toEqual([
    ['t2', 'merged-late'],
    ['t3', 'received-late'],
  ]);
  expect(isReproduced).toBe(true);

  await world.reevaluate(await world.draft({ ...LINEAR, name: 'Same' }));
  expect((await explained()).lateEvidence).toEqual([]);
  expect((await explained()).touchpoints.map(({ id }) => id)).toEqual(['t1', 't2', 't3']);
});
