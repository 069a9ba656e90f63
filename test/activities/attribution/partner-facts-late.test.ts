import { describe, expect, it } from '@jest/globals';
import { advanceBoundaries } from '../../../activities/attribution/advance.ts';
import { auditProgram } from '../../../audit/run.ts';
import { queueIntakeWork } from '../../../db/intake/work.ts';
import { joinIntake } from '../../../db/locks.ts';
import type { Pool } from '../../../db/pool.ts';
import { insertProfile } from '../../../db/queries/partner-change.ts';
import type { Policy } from '../../../domain/attribution/policy.ts';
import { aContractFact, aPartner, aProgram, LINEAR } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { StudyWorld } from './study-world.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

const NO_CREATORS: Policy = {
  ...LINEAR,
  name: 'No creators',
  exclusions: [{ beneficiary: 'partner', partnerType: 'creator', mode: 'always' }],
};

async function faults({ programId }: StudyWorld) {
  const rows = await auditProgram({ pool, client: null, providerUrl: null }, programId);
  return rows.filter(({ result }) => result === 'fault');
}

async function cutOf(world: StudyWorld): Promise<string> {
  const [clock] = await world.rows<{ cut: string }>('select cut_at as cut from program_clock');
  return clock!.cut;
}

describe('what is said of a partner after a sale was credited', () => {
  it('gives it the sale that it touched, when its contract is told late', async () => {
    const { programId } = await aProgram(pool);
    const world = new StudyWorld(pool, programId);
    const { partnerId, contractId } = await aPartner(pool, programId, { contractFrom: null });
    await world.touch(
      { id: 't1', partnerId, identity: { visitorId: 'v' }, occurredAt: '2026-03-01T00:00:00Z' },
      { id: 't2', channel: 'email', identity: { visitorId: 'v', customerId: 'c' }, occurredAt: '2026-03-01T01:00:00Z' },
    );
    await world.sale('s1', 1_000, '2026-03-02T00:00:00Z');
    await world.sale('s2', 1_000, '2026-03-02T00:00:00Z', { identity: { customerId: 'somebody else' } });
    await world.drain();
    expect(await world.credits('s1')).toEqual({ email: 1_000 });
    const from = '2026-01-01T00:00:00Z';
    await aContractFact(pool, programId, { partnerId, contractId, kind: 'in-force', version: 1, at: from });
    await world.tx(async (tx) =>
      queueIntakeWork(tx, [{ kind: 'range', partnerId, fromAt: from }], await joinIntake(tx)),
    );
    await world.drain();
    expect(await world.credits('s1')).toEqual({ email: 500, [partnerId]: 500 });
    expect(await world.rows('select max(generation) as most from credit')).toEqual([{ most: 2 }]);
    expect(await faults(world)).toEqual([]);
  });

  it('gives it the sale that its old type kept from it', async () => {
    const { programId } = await aProgram(pool, { policy: NO_CREATORS });
    const world = new StudyWorld(pool, programId);
    const { partnerId } = await aPartner(pool, programId, { type: 'creator' });
    await world.drain();
    const cutAt = await cutOf(world);
    const afterCut = (ms: number) => new Date(Date.parse(cutAt) + ms).toISOString();
    await world.touch({ id: 't1', partnerId, occurredAt: afterCut(1) });
    await world.sale('s1', 1_000, afterCut(2));
    await world.drain();
    expect(await world.credits('s1')).toEqual({ unattributed: 1_000 });
    await world.tx((tx) => insertProfile(tx, partnerId, { type: 'agency' }, cutAt));
    await world.drain();
    expect(await world.credits('s1')).toEqual({ [partnerId]: 1_000 });
    expect(await faults(world)).toEqual([]);
  });

  it('cannot begin before the last cut: a locked sale stays as it is', async () => {
    const { programId } = await aProgram(pool, { policy: NO_CREATORS });
    const world = new StudyWorld(pool, programId);
    const { partnerId } = await aPartner(pool, programId, { type: 'agency' });
    await world.touch({ id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' });
    await world.sale('s1', 1_000, '2026-03-02T00:00:00Z');
    await world.drain();
    await advanceBoundaries(pool, programId, { now: world.now });
    const cutAt = await cutOf(world);
    const before = new Date(Date.parse(cutAt) - 1).toISOString();
    const change = (at?: string) => world.tx((tx) => insertProfile(tx, partnerId, { type: 'creator' }, at));
    await expect(change(before)).rejects.toMatchObject({
      code: 'invalid',
      details: { errors: [{ path: 'effectiveFrom' }] },
    });
    await world.tx((tx) => insertProfile(tx, partnerId, { language: 'de' }, before));
    await change(cutAt);
    await change();
    await world.drain();
    expect(await world.credits('s1')).toEqual({ [partnerId]: 1_000 });
    expect(await faults(world)).toEqual([]);
  });
});
