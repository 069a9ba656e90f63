import { expect, it } from '@jest/globals';
import { auditProgram } from '../../../audit/run.ts';
import type { Pool } from '../../../db/pool.ts';
import { aPartner, aProgram, tenPercent } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { World } from './world.ts';

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();

let pool: Pool;
useTestPool((opened) => (pool = opened));

it('counts the months of a renewal from its parent, though that comes later and the shares stay', async () => {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const rules = [{ kind: 'percentage' as const, basisPoints: 1_000, when: { monthsSinceParentBelow: 1 } }];
  const { partnerId } = await aPartner(pool, programId, { terms: { ...tenPercent(), plan: { rules } } });
  await world.touch({ id: 't0', partnerId, occurredAt: daysAgo(71) }, { id: 't1', partnerId, occurredAt: daysAgo(2) });
  await world.sale('renewal', 10_000, daysAgo(1), { parentExternalId: 'sale' });
  await world.drain();
  expect(await world.commission(partnerId, 'renewal')).toBe(1_000);
  await world.sale('sale', 10_000, daysAgo(70));
  await world.drain();
  expect(await world.commission(partnerId, 'renewal')).toBe(0);
  const findings = await auditProgram({ pool, client: null, providerUrl: null }, programId);
  expect(findings.filter(({ result }) => result === 'fault')).toEqual([]);
});
