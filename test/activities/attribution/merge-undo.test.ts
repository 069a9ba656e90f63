import { describe, expect, it } from '@jest/globals';
import { intakeIdentities } from '../../../db/intake/identities.ts';
import { undoMerge } from '../../../db/intake/merge-undo.ts';
import { explainConversion, explainConversions } from '../../../db/attribution/explanation.ts';
import type { Pool } from '../../../db/pool.ts';
import { listIdentityMerges } from '../../../db/queries/identity-merge.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { aPartner, aProgram, LINEAR } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { StudyWorld } from './study-world.ts';
import type { World } from './world.ts';

let pool: Pool;
const DAY_MS = 86_400_000;

useTestPool((opened) => (pool = opened));

/** A click of a visitor, a sale to a customer, and the statement that the two are one person. */
async function aMergedSale() {
  const { programId } = await aProgram(pool);
  const world = new StudyWorld(pool, programId);
  const ago = (days: number) => daysAgo(world, days);
  const { partnerId } = await aPartner(pool, programId, { contractFrom: ago(3) });
  await world.touch({ id: 't1', identity: { visitorId: 'v' }, partnerId, occurredAt: ago(2) });
  const saleId = await world.sale('s1', 10_000, ago(1));
  await intakeIdentities(pool, programId, [{ visitorId: 'v', customerId: 'c', occurredAt: ago(1) }]);
  await world.drain();
  expect(await world.credits('s1')).toEqual({ [partnerId]: 10_000 });
  const [merge] = await merges(world);
  const late = async () => {
    const explained = await inTransaction(pool, programId, (tx) => explainConversion(tx, saleId));
    return explained!.lateEvidence.map(({ id, reason }) => [id, reason]);
  };
  return { world, saleId, partnerId, mergeId: merge!.id, late };
}

function daysAgo(world: World, days: number): string {
  return new Date(Date.parse(world.now) - days * DAY_MS).toISOString();
}

const merges = (world: World) =>
  inTransaction(pool, world.programId, (tx) => listIdentityMerges(tx, { customerId: 'c' }, { limit: 10 }));
const undo = (world: World, mergeId: string) =>
  inTransaction(pool, world.programId, (tx) => undoMerge(tx, { mergeId, reason: 'a shared device', by: 'per_x' }));

describe('a merge that is taken back', () => {
  it('credits an open conversion anew, without what the other touched, and takes its commission back', async () => {
    const { world, partnerId, mergeId, late } = await aMergedSale();
    expect(await world.commission(partnerId, 's1')).toBe(1_000);
    expect([await undo(world, mergeId), await undo(world, mergeId)]).toEqual([true, false]);
    await world.drain();
    expect(await world.credits('s1')).toEqual({ unattributed: 10_000 });
    expect(await world.commission(partnerId, 's1')).toBe(0);
    expect(await late()).toEqual([]);
    expect(await merges(world)).toMatchObject([{ id: mergeId, undo: { reason: 'a shared device', by: 'per_x' } }]);
  });

  it('leaves a locked conversion as it was settled and lists what it found as late evidence, until a re-evaluation looks at it', async () => {
    const { world, partnerId, mergeId, late } = await aMergedSale();
    world.now = new Date(Date.parse(world.now) + 93 * DAY_MS).toISOString();
    await world.drain();
    expect(await late()).toEqual([]);
    await undo(world, mergeId);
    await world.drain();
    expect(await late()).toEqual([['t1', 'unmerged-late']]);
    expect(await world.credits('s1')).toEqual({ [partnerId]: 10_000 });
    expect(await world.commission(partnerId, 's1')).toBe(1_000);
    await world.reevaluate(await world.draft({ ...LINEAR, name: 'Same' }));
    expect(await world.credits('s1')).toEqual({ unattributed: 10_000 });
    expect(await world.commission(partnerId, 's1')).toBe(0);
    expect(await late()).toEqual([]);
  });

  it('is listed in the same way for a journey that is too long for memory', async () => {
    const { world, saleId, partnerId, mergeId } = await aMergedSale();
    await world.touch({ id: 't0', identity: { visitorId: 'v' }, partnerId, occurredAt: daysAgo(world, 2.5) });
    await world.drain();
    world.now = new Date(Date.parse(world.now) + 93 * DAY_MS).toISOString();
    await world.drain();
    await world.touch({ id: 't2', channel: 'tv', occurredAt: daysAgo(world, 94.5) });
    await world.drain();
    const late = async (listed: number, mostTouchpoints = 0) => {
      const options = { longMs: Infinity, listed, withLateEvidence: true, mostTouchpoints };
      const found = await world.tx((tx) => explainConversions(tx, [saleId], options));
      const { lateEvidence, moreLateEvidence } = found.get(saleId)!;
      return [...lateEvidence.map(({ id, reason }) => `${id} ${reason}`), moreLateEvidence];
    };
    expect(await late(9)).toEqual(['t2 received-late', 0]);
    await undo(world, mergeId);
    await world.drain();
    const all = ['t0 unmerged-late', 't1 unmerged-late', 't2 received-late', 0];
    expect([await late(9, 1_000), await late(9)]).toEqual([all, all]);
    expect(await late(2)).toEqual([...all.slice(1, 3), 1]);
    await world.reevaluate(await world.draft({ ...LINEAR, name: 'Same' }));
    expect(await late(9)).toEqual([0]);
  });

  it('stays taken back when the same statement comes again', async () => {
    const { world, mergeId } = await aMergedSale();
    await undo(world, mergeId);
    const again = { visitorId: 'v', customerId: 'c', occurredAt: world.now };
    const results = await intakeIdentities(pool, world.programId, [again]);
    expect(results).toMatchObject([{ status: 'duplicate' }]);
    await world.drain();
    expect(await world.credits('s1')).toEqual({ unattributed: 10_000 });
  });
});
