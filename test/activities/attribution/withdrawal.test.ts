import { describe, expect, it } from '@jest/globals';
import { advanceBoundaries } from '../../../activities/attribution/advance.ts';
import { lockWindow } from '../../../activities/attribution/lock-window.ts';
import {
  cutReevaluation,
  executeReevaluation,
  postReevaluation,
} from '../../../activities/attribution/reevaluation-run.ts';
import { runStudy } from '../../../activities/attribution/study-run.ts';
import { auditProgram } from '../../../audit/run.ts';
import { explainConversion } from '../../../db/attribution/explanation.ts';
import { intakeSiteConversions } from '../../../db/intake/conversions.ts';
import { intakeIdentities } from '../../../db/intake/identities.ts';
import { withdrawConsent } from '../../../db/intake/withdrawal.ts';
import type { Withdrawal } from '../../../db/intake/withdrawal.ts';
import { newId } from '../../../db/ids.ts';
import type { Pool } from '../../../db/pool.ts';
import { sealEvents } from '../../../db/queries/event-chain.ts';
import { insertEvaluation } from '../../../db/queries/evaluation.ts';
import { insertStudy } from '../../../db/queries/study.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { World } from './world.ts';

let pool: Pool;

useTestPool((opened) => (pool = opened));

/** A visitor who came by a partner and by television, signed in as a customer and bought. */
async function aSale() {
  const { programId, policyId } = await aProgram(pool);
  const world = new World(pool, programId);
  const { partnerId } = await aPartner(pool, programId);
  await world.touch(
    { id: 't1', partnerId, identity: { visitorId: 'v' }, occurredAt: '2026-03-01T00:00:00Z' },
    { id: 't2', channel: 'tv', identity: { visitorId: 'v', customerId: 'c' }, occurredAt: '2026-03-02T00:00:00Z' },
  );
  await world.sale('s1', 10_000, '2026-03-10T00:00:00Z');
  await world.drain();
  return { world, partnerId, policyId };
}

const withdraw = (world: World, identity: object): Promise<Withdrawal> =>
  inTransaction(pool, world.programId, (tx) =>
    withdrawConsent(tx, identity, { id: 'per_x', actor: { kind: 'person', id: 'per_x' } }),
  );

async function faults(world: World): Promise<string[]> {
  await sealEvents(pool, world.programId);
  const results = await auditProgram({ pool, client: null, providerUrl: null }, world.programId);
  return results.filter(({ result }) => result === 'fault').map(({ name }) => name);
}

async function lockEverything(world: World): Promise<void> {
  world.now = new Date(Date.parse(world.now) + 92 * 86_400_000).toISOString();
  await advanceBoundaries(pool, world.programId, { now: world.now });
  const windows = await world.rows<{ id: string }>(
    'select id from attribution_window where locks_at <= (select sealed_at from program_clock) order by no',
  );
  for (const { id } of windows) await lockWindow(pool, world.programId, id, world.now);
}

/** The same policy again over everything: what the facts say now, posted. */
async function reevaluate(world: World, policyId: string): Promise<void> {
  const id = newId('evaluation');
  const studyId = newId('study');
  const range = { fromAt: '2026-01-01T00:00:00Z', toAt: world.now, requestedBy: 'per_x' };
  await inTransaction(pool, world.programId, async (tx) => {
    await insertStudy(tx, { id: studyId, policyId, evaluationId: id, ...range });
    await insertEvaluation(tx, {
      id,
      policyId,
      studyId,
      approvedStudyId: null,
      downward: 'recover',
      feedbackId: null,
      ...range,
    });
  });
  await cutReevaluation(pool, world.programId, id, { now: world.now });
  await runStudy(pool, world.programId, studyId, { now: world.now });
  await executeReevaluation(pool, world.programId, id, world.now);
  await postReevaluation(pool, world.programId, id, { now: world.now });
}

describe('a sale that a page reports without consent', () => {
  it('is credited to the programme, whoever else was there, and locks as any other', async () => {
    const { world, partnerId } = await aSale();
    const item = { externalId: 's0', type: 'purchase', value: { minor: 900, currency: 'EUR' } };
    const results = await intakeSiteConversions(
      pool,
      world.programId,
      [{ ...item, identity: {}, occurredAt: '2026-03-10T00:00:00Z' }],
      { siteId: newId('site') },
    );
    expect(results).toMatchObject([{ status: 'accepted' }]);
    await world.drain();
    expect(await world.credits('s0')).toEqual({ unattributed: 900 });
    expect(await world.commission(partnerId, 's0')).toBe(0);
    const explained = await inTransaction(pool, world.programId, (tx) => explainConversion(tx, results[0]!.id!));
    expect(explained).toMatchObject({ isReproduced: true, touchpoints: [] });
    await lockEverything(world);
    expect(await faults(world)).toEqual([]);
  });
});

describe('a consent that is withdrawn before the conversion is locked', () => {
  it('takes the touchpoints out of the journey, over merges, and the credit goes to the programme', async () => {
    const { world, partnerId } = await aSale();
    expect(await world.credits('s1')).toEqual({ [partnerId]: 5_000, tv: 5_000 });
    expect(await withdraw(world, { customerId: 'c' })).toMatchObject({ identities: 2, touchpoints: 2 });
    await world.drain();
    expect(await world.credits('s1')).toEqual({ unattributed: 10_000 });
    expect(await world.commission(partnerId, 's1')).toBe(0);
    expect(await faults(world)).toEqual([]);
    await lockEverything(world);
    expect(await faults(world)).toEqual([]);
  });

  it('keeps no value that names the person', async () => {
    const { world } = await aSale();
    await withdraw(world, { visitorId: 'v' });
    const values = await world.rows<{ value: string }>('select value from identity');
    expect(values.map(({ value }) => value)).toEqual([
      expect.stringMatching(/^withdrawn:/),
      expect.stringMatching(/^withdrawn:/),
    ]);
    expect(await withdraw(world, { visitorId: 'v' })).toMatchObject({ identities: 0, touchpoints: 0 });
  });

  it('makes whoever uses the same ids later a new person', async () => {
    const { world, partnerId } = await aSale();
    await withdraw(world, { visitorId: 'v' });
    await world.touch({ id: 't3', channel: 'radio', occurredAt: '2026-03-20T00:00:00Z' });
    await world.sale('s2', 1_000, '2026-03-21T00:00:00Z');
    await world.drain();
    expect(await world.credits('s2')).toEqual({ radio: 1_000 });
    expect(await world.commission(partnerId, 's2')).toBe(0);
    expect(await faults(world)).toEqual([]);
  });

  it('lets no statement of a moment before merge somebody with the person', async () => {
    const { world } = await aSale();
    const [{ id }] = (await world.rows<{ id: string }>(`select id from identity where kind = 'visitor'`)) as [
      { id: string },
    ];
    await withdraw(world, { visitorId: 'v' });
    // The event had looked the id up already: it writes with the id, not with the value.
    const [{ value }] = (await world.rows<{ value: string }>('select value from identity where id = $1', [id])) as [
      { value: string },
    ];
    await intakeIdentities(pool, world.programId, [
      { visitorId: value, customerId: 'd', occurredAt: '2026-03-09T00:00:00Z' },
    ]);
    await world.sale('s3', 700, '2026-03-10T00:00:00Z', { identity: { customerId: 'd' } });
    await world.drain();
    expect(await world.credits('s3')).toEqual({ unattributed: 700 });
    expect(await world.rows('select id from identity_merge')).toHaveLength(1);
    expect(await faults(world)).toEqual([]);
    await world.rows(
      `insert into identity_merge (program_id, id, a_id, b_id, cause, occurred_at, received_at)
       select program_id, 'mrg_x', least(id, $1), greatest(id, $1), 'x', now(), now() from identity where value = 'd'`,
      [id],
    );
    expect(await faults(world)).toEqual(['nobody who withdrew the consent is named']);
  });
});

describe('a consent that is withdrawn after the conversion was locked', () => {
  it('leaves what was settled as it is, and its explanation can be computed again', async () => {
    const { world, partnerId } = await aSale();
    await lockEverything(world);
    await withdraw(world, { customerId: 'c' });
    await world.drain();
    expect(await world.credits('s1')).toEqual({ [partnerId]: 5_000, tv: 5_000 });
    expect(await world.commission(partnerId, 's1')).toBe(500);
    const [sale] = await world.rows<{ id: string }>(`select id from conversion where external_id = 's1'`);
    const explained = await inTransaction(pool, world.programId, (tx) => explainConversion(tx, sale!.id));
    expect(explained).toMatchObject({ isReproduced: true, touchpoints: [{ weight: 0.5 }, { weight: 0.5 }] });
    expect(await faults(world)).toEqual([]);
  });

  it('moves no money when the past is evaluated again, whatever evidence came late', async () => {
    const { world, partnerId, policyId } = await aSale();
    await lockEverything(world);
    await world.touch({ id: 'late', channel: 'radio', occurredAt: '2026-03-03T00:00:00Z' });
    await withdraw(world, { visitorId: 'v' });
    await world.drain();
    await reevaluate(world, policyId);
    expect(await world.credits('s1')).toEqual({ [partnerId]: 5_000, tv: 5_000 });
    expect(await world.commission(partnerId, 's1')).toBe(500);
    expect(await faults(world)).toEqual([]);
  });

  it('keeps what an evaluation before it had settled', async () => {
    const { world, partnerId, policyId } = await aSale();
    await lockEverything(world);
    await world.touch({ id: 'late', channel: 'radio', occurredAt: '2026-03-03T00:00:00Z' });
    await reevaluate(world, policyId);
    const settled = { [partnerId]: 3_334, radio: 3_333, tv: 3_333 };
    expect(await world.credits('s1')).toEqual(settled);
    await withdraw(world, { visitorId: 'v' });
    await reevaluate(world, policyId);
    expect(await world.credits('s1')).toEqual(settled);
    expect(await faults(world)).toEqual([]);
  });
});
