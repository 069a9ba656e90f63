import { expect, it } from '@jest/globals';
import { advanceBoundaries } from '../../../activities/attribution/advance.ts';
import { auditProgram } from '../../../audit/run.ts';
import type { Pool } from '../../../db/pool.ts';
import type { Terms } from '../../../domain/contract/terms.ts';
import { aContractFact, aPartner, aProgram, tenPercent } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { World } from './world.ts';

const QUARTER_MS = 92 * 86_400_000;

let pool: Pool;
useTestPool((opened) => (pool = opened));

/** A partner whose contract ended in the middle of March, with a touch in its tail. */
async function anEndedContract(terms: Terms) {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const { partnerId, contractId } = await aPartner(pool, programId, { terms: { ...terms, tail: 'P60D' } });
  const end = { partnerId, contractId, kind: 'ended', version: 1, at: '2026-03-15T00:00:00Z' } as const;
  await aContractFact(pool, programId, end);
  await world.touch({ id: 't1', partnerId, occurredAt: '2026-03-20T00:00:00Z' });
  return { world, programId, partnerId };
}

async function faults({ programId }: World) {
  const rows = await auditProgram({ pool, client: null, providerUrl: null }, programId);
  return rows.filter(({ result }) => result === 'fault');
}

it('locks what was sold in the tail of an ended contract with the window that pays it', async () => {
  const { world, programId, partnerId } = await anEndedContract(tenPercent());
  await world.sale('s1', 1_000, '2026-03-21T00:00:00Z');
  await world.drain();
  // The windows that were opened for it have locks in the past, which are passed now.
  await world.drain();
  expect(
    await world.rows(
      `select s.locks_at = w.locks_at as same from conversion_state s, commission m join attribution_window w on w.id = m.window_id`,
    ),
  ).toEqual([{ same: true }]);
  world.now = new Date(Date.parse(world.now) + QUARTER_MS).toISOString();
  await advanceBoundaries(pool, programId, { now: world.now });
  await world.touch({ id: 'late', channel: 'tv', occurredAt: '2026-03-20T00:00:00Z' });
  await world.drain();
  expect(await world.credits('s1')).toEqual({ [partnerId]: 1_000 });
  expect(await faults(world)).toEqual([]);
});

it('counts what was sold between two contracts of a partner towards one cap', async () => {
  const plan: Terms['plan'] = {
    rules: [{ kind: 'percentage', basisPoints: 1_000 }],
    windowCap: { minor: 5_000, currency: 'EUR' },
  };
  const { world, programId, partnerId } = await anEndedContract({ ...tenPercent(), plan });
  const next = await aPartner(pool, programId, { contractFrom: null });
  await world.rows('update contract set partner_id = $1, round = 2 where id = $2', [partnerId, next.contractId]);
  const begins = { contractId: next.contractId, kind: 'in-force', version: 1, at: '2026-04-10T00:00:00Z' } as const;
  await aContractFact(pool, programId, { partnerId, ...begins });
  await world.sale('s1', 30_000, '2026-03-21T00:00:00Z');
  await world.drain();
  await world.sale('s2', 100_000, '2026-03-22T00:00:00Z');
  await world.sale('s3', 100_000, '2026-04-11T00:00:00Z');
  await world.drain();
  const earned = await Promise.all(['s1', 's2', 's3'].map((sale) => world.commission(partnerId, sale)));
  expect(earned).toEqual([3_000, 2_000, 10_000]);
  expect(await faults(world)).toEqual([]);
});

it('passes the locks of windows that are opened for a tail before the boundary that it works for', async () => {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const terms: Terms = {
    ...tenPercent(),
    tail: 'P60D',
    calendar: { period: 'weekly', lockAfter: 'P1D', payAfter: 'P1D' },
  };
  const { partnerId, contractId } = await aPartner(pool, programId, { terms });
  const daysAgo = (days: number) => new Date(Date.parse(world.now) - days * 86_400_000).toISOString();
  await aContractFact(pool, programId, { partnerId, contractId, kind: 'ended', version: 1, at: daysAgo(24) });
  await world.drain();
  await world.touch({ id: 't1', partnerId, occurredAt: daysAgo(9) });
  await world.sale('s1', 1_000, daysAgo(8));
  world.now = daysAgo(-QUARTER_MS / 86_400_000);
  await advanceBoundaries(pool, programId, { now: world.now, signal: AbortSignal.timeout(30_000) });
  expect(await world.commission(partnerId, 's1')).toBe(100);
  expect(await faults(world)).toEqual([]);
}, 60_000);
