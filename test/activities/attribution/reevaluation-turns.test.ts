import { expect, it } from '@jest/globals';
import { settleBoundary } from '../../../activities/attribution/advance.ts';
import { feedStep } from '../../../activities/attribution/feed-step.ts';
import { postStep } from '../../../activities/attribution/post-step.ts';
import type { Pool } from '../../../db/pool.ts';
import { getEvaluation } from '../../../db/queries/evaluation.ts';
import type { Policy } from '../../../domain/attribution/policy.ts';
import { aPartner, aProgram, LINEAR, tenPercent } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { aStory, FIRST, StudyWorld } from './study-world.ts';

const LAST: Policy = { ...LINEAR, name: 'Last', model: { kind: 'last' } };

let pool: Pool;
useTestPool((opened) => (pool = opened));

it('is refused when another was carried out after its cut, and posts nothing', async () => {
  const { world, a, b } = await aStory(pool);
  const one = await world.evaluation(await world.draft(FIRST));
  await world.cut(one.evaluationId);
  await world.run(one.studyId);
  const two = await world.evaluation(await world.draft(LAST), 'waive');
  await world.cut(two.evaluationId);
  await world.run(two.studyId);
  await world.execute(one.evaluationId);
  await world.post(one.evaluationId);
  await expect(world.execute(two.evaluationId)).rejects.toMatchObject({ code: 'conflict' });
  await world.drain();
  expect([await world.commission(a, 'old'), await world.commission(b, 'old')]).toEqual([1_200, 0]);
  // A new one compares with what stands now.
  await world.reevaluate(await world.draft({ ...LAST, name: 'Last again' }), 'waive');
  expect([await world.commission(a, 'old'), await world.commission(b, 'old')]).toEqual([1_200, 1_200]);
});

it('waives for every order of a window with a cap, though the poster works between two steps of the feed', async () => {
  const { programId } = await aProgram(pool);
  const world = new StudyWorld(pool, programId);
  const plan = {
    rules: [{ kind: 'percentage' as const, basisPoints: 1_000 }],
    windowCap: { minor: 100_000_000, currency: 'EUR' },
  };
  const a = (await aPartner(pool, programId)).partnerId;
  const b = (await aPartner(pool, programId, { terms: { ...tenPercent(), plan } })).partnerId;
  const ids: string[] = [];
  for (const name of ['x', 'y']) {
    const identity = { customerId: name };
    await world.touch(
      { id: `a${name}`, partnerId: a, identity, occurredAt: '2026-02-01T00:00:00Z' },
      { id: `b${name}`, partnerId: b, identity, occurredAt: '2026-02-02T00:00:00Z' },
    );
    ids.push(await world.sale(name, 200, '2026-02-03T00:00:00Z', { identity }));
  }
  await world.drain();
  const sum = async () =>
    (
      await world.rows<{ minor: number }>(
        'select sum(amount_minor)::bigint as minor from commission where partner_id = $1',
        [b],
      )
    )[0]!.minor;
  expect(await sum()).toBe(20);
  const { evaluationId, studyId } = await world.evaluation(await world.draft(FIRST), 'waive');
  await world.cut(evaluationId);
  await world.run(studyId);
  await world.execute(evaluationId);
  const { executedAt } = await world.tx((tx) => getEvaluation(tx, evaluationId));
  await settleBoundary(pool, programId, executedAt!, { now: world.now });
  // As with thousands of orders: the work on the first is a row of its own.
  const [first, second] = ids.sort() as [string, string];
  const [row] = await world.rows<{ seq: number }>(`select seq from intake_work where kind = 'evaluation'`);
  await world.tx(async (tx) => {
    await tx.query(
      `insert into intake_work (program_id, kind, evaluation_id, conversion_id, external_id, received_at)
       select program_id, kind, evaluation_id, $2, $3, received_at from intake_work where seq = $1`,
      [row!.seq, first, second],
    );
    await tx.query('update intake_work set external_id = $2 where seq = $1', [row!.seq, first]);
  });
  await world.tx((tx) => feedStep(tx, world.now, { only: row!.seq }));
  await world.tx((tx) => postStep(tx, world.now));
  await world.post(evaluationId);
  await world.drain();
  expect(await sum()).toBe(20);
  expect(
    await world.rows(
      `select kind, sum(amount_minor)::bigint as minor from commission where partner_id = $1 and revision > 1 group by 1 order by 1`,
      [b],
    ),
  ).toEqual([
    { kind: 'adjustment', minor: -20 },
    { kind: 'goodwill', minor: 20 },
  ]);
});
