import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { advanceBoundaries } from '../../../activities/attribution/advance.ts';
import {
  cancelReevaluationRun,
  cutReevaluation,
  executeReevaluation,
  postReevaluation,
} from '../../../activities/attribution/reevaluation-run.ts';
import { runStudy } from '../../../activities/attribution/study-run.ts';
import { newId } from '../../../db/ids.ts';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import { insertEvaluation } from '../../../db/queries/evaluation.ts';
import { insertPolicyDraft } from '../../../db/queries/policy-version.ts';
import { insertStudy } from '../../../db/queries/study.ts';
import { sumByBeneficiary } from '../../../db/queries/study-sum.ts';
import { inTransaction } from '../../../db/transaction.ts';
import type { Policy } from '../../../domain/attribution/policy.ts';
import { aPartner, aProgram, LINEAR, tenPercent } from '../../support/ground.ts';
import { startTestPostgres } from '../../support/stack.ts';
import type { TestPostgres } from '../../support/stack.ts';
import { World } from './world.ts';

let postgres: TestPostgres;
let pool: Pool;
const FROM = '2026-01-01T00:00:00Z';
const FIRST: Policy = { ...LINEAR, name: 'First', model: { kind: 'first' } };

beforeAll(async () => {
  postgres = await startTestPostgres();
  pool = createPool({ url: postgres.url });
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

async function aDraft(world: World, body: Policy): Promise<string> {
  const policyId = newId('policy');
  await inTransaction(pool, world.programId, (tx) => insertPolicyDraft(tx, { id: policyId, body, createdBy: 'per_x' }));
  return policyId;
}

async function study(world: World, policyId: string, evaluationId: string | null = null): Promise<string> {
  const id = newId('study');
  await inTransaction(pool, world.programId, (tx) =>
    insertStudy(tx, { id, policyId, fromAt: FROM, toAt: world.now, requestedBy: 'per_x', evaluationId }),
  );
  return id;
}

async function reevaluate(world: World, policyId: string, downward: 'recover' | 'waive' = 'recover'): Promise<string> {
  const evaluationId = newId('evaluation');
  const studyId = await study(world, policyId, evaluationId);
  await inTransaction(pool, world.programId, (tx) =>
    insertEvaluation(tx, {
      id: evaluationId,
      policyId,
      studyId,
      approvedStudyId: null,
      fromAt: FROM,
      toAt: world.now,
      downward,
      feedbackId: null,
      requestedBy: 'per_x',
    }),
  );
  world.now = new Date().toISOString();
  await cutReevaluation(pool, world.programId, evaluationId, { now: world.now });
  await runStudy(pool, world.programId, studyId, { now: world.now });
  await executeReevaluation(pool, world.programId, evaluationId, world.now);
  await executeReevaluation(pool, world.programId, evaluationId, world.now);
  await postReevaluation(pool, world.programId, evaluationId, { now: world.now });
  await postReevaluation(pool, world.programId, evaluationId, { now: world.now });
  return evaluationId;
}

/** Two partners touch, a locked sale in February, an open one now; linear, ten percent. */
async function aStory(terms = tenPercent()) {
  const { programId, policyId } = await aProgram(pool);
  const world = new World(pool, programId);
  const a = await aPartner(pool, programId, { terms });
  const b = await aPartner(pool, programId, { terms });
  const openAt = new Date(Date.parse(world.now) - 3_600_000).toISOString();
  const touchAt = new Date(Date.parse(world.now) - 7_200_000).toISOString();
  await world.touch(
    { id: 'a1', partnerId: a.partnerId, occurredAt: '2026-02-01T00:00:00Z' },
    { id: 'b1', partnerId: b.partnerId, occurredAt: '2026-02-02T00:00:00Z' },
    { id: 'a2', partnerId: a.partnerId, occurredAt: touchAt, identity: { customerId: 'd' } },
    { id: 'b2', partnerId: b.partnerId, occurredAt: openAt, identity: { customerId: 'd' } },
  );
  await world.sale('old', 12_000, '2026-02-10T00:00:00Z');
  await world.sale('new', 2_000, new Date(Date.parse(openAt) + 60_000).toISOString(), {
    identity: { customerId: 'd' },
  });
  await world.drain();
  return { world, policyId, a: a.partnerId, b: b.partnerId };
}

describe('a study', () => {
  it('shows winners and losers in money and writes nothing but itself', async () => {
    const { world, a, b } = await aStory();
    const before = await world.rows(
      'select count(*) as n from credit union all select count(*) from commission union all select count(*) from ledger_entry',
    );
    const id = await study(world, await aDraft(world, FIRST));
    const result = await runStudy(pool, world.programId, id, { now: world.now });
    expect(result).toMatchObject({
      state: 'done',
      conversions: 2,
      totals: {
        value: { before: { minor: 14_000, currency: 'EUR' }, after: { minor: 14_000 } },
        commission: { before: { minor: 1_400 }, after: { minor: 1_400 } },
      },
    });
    const lines = await inTransaction(pool, world.programId, (tx) => sumByBeneficiary(tx, id));
    expect(
      lines.map((line) => [line.id, line.commission.before, line.commission.after, line.value.after]),
    ).toEqual(
      expect.arrayContaining([
        [a, 700, 1_400, 14_000],
        [b, 700, 0, 0],
      ]),
    );
    expect(
      await world.rows(
        'select count(*) as n from credit union all select count(*) from commission union all select count(*) from ledger_entry',
      ),
    ).toEqual(before);
  });

  it('looks at what remains after refunds and at the reported amount for conditions', async () => {
    const when = { reportedAtLeast: { minor: 10_000, currency: 'EUR' } };
    const terms = {
      ...tenPercent(),
      plan: {
        rules: [
          { kind: 'percentage' as const, basisPoints: 1_000, when },
          { kind: 'percentage' as const, basisPoints: 500 },
        ],
      },
    };
    const { world, a } = await aStory(terms);
    await world.refund('r1', 'old', 3_000);
    await world.drain();
    const id = await study(world, await aDraft(world, FIRST));
    await runStudy(pool, world.programId, id, { now: world.now });
    const [line] = await world.rows(
      `select l.value_after_minor, l.commission_after_minor from study_line l join conversion c on c.id = l.conversion_id where l.study_id = $1 and c.external_id = 'old' and beneficiary_id = $2`,
      [id, a],
    );
    expect(line).toEqual({ value_after_minor: 9_000, commission_after_minor: 900 });
  });
});

describe('a re-evaluation', () => {
  it('posts each line once into the open window, to the cent of its study, and supersedes the credits', async () => {
    const { world, a, b } = await aStory();
    const evaluationId = await reevaluate(world, await aDraft(world, FIRST));
    const rows = await world.rows<{ partner_id: string; minor: number; open: boolean }>(
      `select m.partner_id, m.amount_minor as minor, w.locks_at > (select sealed_at from program_clock) as open
       from commission m join attribution_window w on w.id = m.window_id where m.evaluation_id = $1 order by m.amount_minor`,
      [evaluationId],
    );
    expect(rows).toEqual([
      { partner_id: b, minor: -600, open: true },
      { partner_id: b, minor: -100, open: true },
      { partner_id: a, minor: 100, open: true },
      { partner_id: a, minor: 600, open: true },
    ]);
    expect(await world.credits('old')).toEqual({ [a]: 12_000 });
    expect(await world.rows('select distinct evaluation_id from conversion_state')).toEqual([
      { evaluation_id: evaluationId },
    ]);
    expect(await world.rows(`select kind, count(*) as n from commission group by 1 order by 1`)).toEqual([
      { kind: 'adjustment', n: 4 },
      { kind: 'earned', n: 4 },
    ]);
  });

  it('posts nothing under an unchanged policy', async () => {
    const { world } = await aStory();
    await reevaluate(world, await aDraft(world, { ...LINEAR, name: 'Same' }));
    expect(await world.rows(`select 1 from commission where kind <> 'earned'`)).toEqual([]);
  });

  it.each(['recover', 'waive'] as const)('nets to zero from A to B and back to A under %s', async (downward) => {
    const { world, a, b } = await aStory();
    await reevaluate(world, await aDraft(world, FIRST), downward);
    expect(await world.balance('pending', b)).toBe(downward === 'waive' ? 700 : 0);
    expect(await world.balance('pending', a)).toBe(1_400);
    await reevaluate(world, await aDraft(world, { ...LINEAR, name: 'Back' }), downward);
    const sums = await world.rows(
      `select partner_id, sum(amount_minor) filter (where kind <> 'goodwill')::bigint as earned from commission group by 1`,
    );
    expect(sums).toEqual(
      expect.arrayContaining([
        { partner_id: a, earned: 700 },
        { partner_id: b, earned: 700 },
      ]),
    );
    expect(await world.balance('pending', b)).toBe(700);
    expect(await world.balance('goodwill')).toBe(downward === 'waive' ? -700 : 0);
  });

  it('keeps news apart: a refund between cut and execution is no part of the lines, and the end is right', async () => {
    const { world, a, b } = await aStory();
    const evaluationId = newId('evaluation');
    const policyId = await aDraft(world, FIRST);
    const studyId = await study(world, policyId, evaluationId);
    await inTransaction(pool, world.programId, (tx) =>
      insertEvaluation(tx, {
        id: evaluationId,
        policyId,
        studyId,
        approvedStudyId: null,
        fromAt: FROM,
        toAt: world.now,
        downward: 'recover',
        feedbackId: null,
        requestedBy: 'per_x',
      }),
    );
    world.now = new Date().toISOString();
    await cutReevaluation(pool, world.programId, evaluationId, { now: world.now });
    await world.refund('r1', 'new', 1_000);
    await world.drain();
    await runStudy(pool, world.programId, studyId, { now: world.now });
    await executeReevaluation(pool, world.programId, evaluationId, world.now);
    await world.refund('r2', 'old', 2_000);
    await postReevaluation(pool, world.programId, evaluationId, { now: world.now });
    await world.drain();
    const lines = await world.rows<{ minor: number }>(
      `select sum(amount_minor)::bigint as minor from commission where evaluation_id = $1 group by partner_id order by 1`,
      [evaluationId],
    );
    expect(lines).toEqual([{ minor: -700 }, { minor: 700 }]);
    expect([await world.commission(a, 'new'), await world.commission(b, 'new')]).toEqual([100, 0]);
    expect([await world.commission(a, 'old'), await world.commission(b, 'old')]).toEqual([1_000, 0]);
  });

  it('lets late evidence count for a locked sale, and shows it apart', async () => {
    const { world, a, b } = await aStory();
    // The sales were received today, so their windows are the open ones: three months later they are locked.
    world.now = new Date(Date.parse(world.now) + 92 * 86_400_000).toISOString();
    await advanceBoundaries(pool, world.programId, { now: world.now });
    await world.touch({ id: 'c1', channel: 'tv', occurredAt: '2026-02-03T00:00:00Z' });
    await world.drain();
    expect(await world.credits('old')).toEqual({ [a]: 6_000, [b]: 6_000 });
    const evaluationId = await reevaluate(world, await aDraft(world, { ...LINEAR, name: 'Same' }));
    expect(await world.credits('old')).toEqual({ [a]: 4_000, [b]: 4_000, tv: 4_000 });
    const apart = await world.rows(
      `select count(*) as n from study_line l join evaluation e on e.study_id = l.study_id where e.id = $1 and l.from_late_evidence`,
      [evaluationId],
    );
    expect(apart).toEqual([{ n: 3 }]);
    expect(await world.commission(a, 'old')).toBe(400);
  });

  it('can be cancelled before it is carried out, and never after', async () => {
    const { world } = await aStory();
    const policyId = await aDraft(world, FIRST);
    const evaluationId = newId('evaluation');
    const studyId = await study(world, policyId, evaluationId);
    await inTransaction(pool, world.programId, (tx) =>
      insertEvaluation(tx, {
        id: evaluationId,
        policyId,
        studyId,
        approvedStudyId: null,
        fromAt: FROM,
        toAt: world.now,
        downward: 'recover',
        feedbackId: null,
        requestedBy: 'per_x',
      }),
    );
    await cutReevaluation(pool, world.programId, evaluationId, { now: world.now });
    expect(
      await cancelReevaluationRun(pool, world.programId, evaluationId, { at: world.now, actor: { kind: 'system' } }),
    ).toBe(true);
    await expect(executeReevaluation(pool, world.programId, evaluationId, world.now)).rejects.toMatchObject({
      code: 'conflict',
    });
    const done = await reevaluate(world, await aDraft(world, { ...FIRST, name: 'Second try' }));
    expect(await cancelReevaluationRun(pool, world.programId, done, { at: world.now, actor: { kind: 'system' } })).toBe(
      false,
    );
  });
});
