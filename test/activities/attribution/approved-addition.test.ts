import { expect, it } from '@jest/globals';
import { addTouchpoint } from '../../../db/intake/correction.ts';
import type { Pool } from '../../../db/pool.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { World } from './world.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

it.each([
  ['the very touchpoint that came too late', {}],
  ['one under an id that is taken by another', { id: 'late' }],
])('an approved addition counts, or is refused: %s', async (_, more) => {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const first = (await aPartner(pool, programId)).partnerId;
  const late = (await aPartner(pool, programId)).partnerId;
  await world.touch({ id: 't1', partnerId: first, occurredAt: '2026-03-01T00:00:00Z' });
  await world.sale('s1', 1_000, '2026-03-02T00:00:00Z');
  await world.drain();
  world.now = new Date(Date.parse(world.now) + 93 * 86_400_000).toISOString();
  await world.drain();
  // Sent without an id, or with one: after the lock it is evidence only.
  const item = { kind: 'click', identity: { customerId: 'c' }, partnerId: late, occurredAt: '2026-03-01T12:00:00Z' };
  await world.touch({ ...item, ...more });
  await world.drain();
  expect(await world.credits('s1')).toEqual({ [first]: 1_000 });
  // A person agrees with the partner and adds it to the order.
  const added = await addTouchpoint(
    pool,
    programId,
    { ...item, ...more, ...('id' in more ? { subId: 'x' } : {}) },
    'per_1',
  ).then(
    () => 'added',
    () => 'refused',
  );
  await world.drain();
  const credits = await world.credits('s1');
  expect(added === 'refused' || credits[late] === 500).toBe(true);
});
