import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { advanceBoundaries } from '../../../activities/attribution/advance.ts';
import { auditProgram } from '../../../audit/run.ts';
import { explainConversion } from '../../../db/attribution/explanation.ts';
import { findRecomputationFault, listPairs } from '../../../db/attribution/recomputation.ts';
import { voidTouchpoint } from '../../../db/intake/correction.ts';
import { intakeIdentities } from '../../../db/intake/identities.ts';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import { putFxRates } from '../../../db/queries/fx-rate.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { FIRST, StudyWorld } from './study-world.ts';

const CREDIT = 'credit computed again from facts is the credit stored';
const COMMISSION = 'commission computed again is the commission posted';

let postgres: TestPostgres;
let pool: Pool;
let world: StudyWorld;
let partnerId: string;
let saleId: string;

beforeAll(async () => {
  postgres = await startTestPostgres();
  pool = createPool({ url: postgres.url });
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});
beforeEach(async () => {
  const { programId } = await aProgram(pool);
  world = new StudyWorld(pool, programId);
  ({ partnerId } = await aPartner(pool, programId));
  await world.touch(
    { id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' },
    { id: 't2', channel: 'tv', occurredAt: '2026-03-02T00:00:00Z' },
    { id: 'v1', channel: 'radio', identity: { visitorId: 'v' }, occurredAt: '2026-03-03T00:00:00Z' },
  );
  saleId = await world.sale('s1', 10_000, '2026-03-10T00:00:00Z');
  await world.drain();
  expect(await isReproduced()).toBe(true);
});

const isReproduced = async (id = saleId) => (await world.tx((tx) => explainConversion(tx, id)))!.isReproduced;
const recomputed = (conversionId = saleId) =>
  world.tx(async (tx) => findRecomputationFault(tx, await listPairs(tx, { conversionId })));
const faults = async () =>
  (await auditProgram({ pool, client: null, providerUrl: null }, world.programId))
    .filter(({ result }) => result === 'fault')
    .map(({ name }) => name);

describe('while the feed has not looked at a fact yet', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['a touchpoint', () => world.touch({ id: 't3', channel: 'radio', occurredAt: '2026-03-05T00:00:00Z' })],
    ['a refund', () => world.refund('r1', 's1', 1_000)],
    ['a void', () => world.tx((tx) => voidTouchpoint(tx, { touchpointId: 't2', reason: 'x', approvedBy: 'per_x' }))],
    [
      'a merge',
      () =>
        intakeIdentities(pool, world.programId, [
          { visitorId: 'v', customerId: 'c', occurredAt: '2026-03-09T00:00:00Z' },
        ]),
    ],
  ])('nobody says that credit is wrong because of %s', async (_, happens) => {
    await happens();
    expect(await isReproduced()).toBeNull();
    expect(await recomputed()).toBeNull();
    expect(await faults()).not.toContain(CREDIT);
    await world.drain();
    expect(await isReproduced()).toBe(true);
    expect(await recomputed()).toBeNull();
  });

  it('nor because of a re-evaluation that is being carried out', async () => {
    const { evaluationId, studyId } = await world.evaluation(await world.draft(FIRST));
    await world.cut(evaluationId);
    await world.run(studyId);
    await world.execute(evaluationId);
    world.now = new Date().toISOString();
    await advanceBoundaries(pool, world.programId, { now: world.now });
    const [queued] = await world.rows<{ kind: string }>(`select kind from intake_work where kind = 'evaluation'`);
    expect(queued).toBeDefined();
    expect(await isReproduced()).toBeNull();
    await world.post(evaluationId);
    expect(await isReproduced()).toBe(true);
  });

  it('nor that commission is wrong because of a rate', async () => {
    const usd = { value: { minor: 10_000, currency: 'USD' }, identity: { customerId: 'd' } };
    await world.touch({ id: 'd1', partnerId, identity: { customerId: 'd' }, occurredAt: '2026-03-01T00:00:00Z' });
    const id = await world.sale('usd', 10_000, '2026-03-10T00:00:00Z', usd);
    await world.drain();
    await world.tx((tx) =>
      putFxRates(tx, [{ base: 'USD', quote: 'EUR', day: '2026-03-10', rate: '0.5', source: 'test' }]),
    );
    expect(await recomputed(id)).toBeNull();
    expect(await faults()).not.toContain(COMMISSION);
    await world.drain();
    expect(await world.commission(partnerId, 'usd')).toBe(500);
    expect(await recomputed(id)).toBeNull();
  });

  it('but of another conversion that is wrong it is said all the same', async () => {
    const owner = new pg.Client(postgres.superuserUrl);
    await owner.connect();
    await owner.query('set session_replication_role = replica');
    await world.touch({ id: 'e1', channel: 'tv', identity: { customerId: 'e' }, occurredAt: '2026-03-05T00:00:00Z' });
    await world.refund('r2', 'unheard-of', 1_000);
    await owner.query(`update credit set value_minor = value_minor + 1 where conversion_id = $1 and channel = 'tv'`, [
      saleId,
    ]);
    await owner.end();
    expect(await isReproduced()).toBe(false);
    expect(await recomputed()).toBe(`The credit of conversion ${saleId} is not what its facts give.`);
    expect(await faults()).toContain(CREDIT);
  });
});
