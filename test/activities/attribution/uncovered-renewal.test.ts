import { expect, it } from '@jest/globals';
import { explainStudied } from '../../../db/attribution/study-explanation.ts';
import { queueIntakeWork } from '../../../db/intake/work.ts';
import { joinIntake } from '../../../db/locks.ts';
import type { Pool } from '../../../db/pool.ts';
import { insertPolicyPeriods } from '../../../db/queries/policy.ts';
import { getStudy } from '../../../db/queries/study.ts';
import { LINEAR } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { aStory, FIRST, FROM } from './study-world.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

const UNTIL = '2026-03-01T00:00:00Z';

/** The story with renewals of its sale of February that no draft for `*` until March is in force for: one of a type of its own, others later. */
async function renewals() {
  const told = await aStory(pool);
  const { world } = told;
  const own = await world.draft({ ...LINEAR, name: 'Renewals', conversionTypes: ['renewal'] });
  await world.tx(async (tx) => {
    const receivedAt = await joinIntake(tx);
    await insertPolicyPeriods(tx, { id: own, conversionTypes: ['renewal'], effectiveFrom: FROM }, receivedAt);
    await queueIntakeWork(tx, [{ kind: 'range', fromAt: FROM }], receivedAt);
  });
  const sale = (id: string, parent: string, at: string, type = 'purchase') =>
    world.sale(id, 100_000, at, { parentExternalId: parent, type, identity: { customerId: id } });
  await sale('typed', 'old', '2026-02-20T00:00:00Z', 'renewal');
  await sale('later', 'typed', '2026-03-10T00:00:00Z');
  await sale('last', 'later', '2026-04-10T00:00:00Z', 'renewal');
  await world.drain();
  return told;
}

async function sums(world: Awaited<ReturnType<typeof renewals>>['world'], partnerId: string, evaluationId: string) {
  const [study] = await world.rows<{ minor: number }>(
    `select sum(l.commission_after_minor - l.commission_before_minor)::bigint as minor
     from study_line l join evaluation e on e.study_id = l.study_id where e.id = $1 and l.beneficiary_id = $2`,
    [evaluationId, partnerId],
  );
  const [posted] = await world.rows<{ minor: number; waived: number; foreign: number }>(
    `select coalesce(sum(amount_minor) filter (where kind <> 'goodwill'), 0)::bigint as minor,
       coalesce(sum(amount_minor) filter (where kind = 'goodwill'), 0)::bigint as waived,
       count(*) filter (where evaluation_id is distinct from $2)::integer as foreign
     from commission where partner_id = $1 and revision > 1`,
    [partnerId, evaluationId],
  );
  return { study: study!.minor, ...posted! };
}

it.each(['recover', 'waive'] as const)(
  'posts for open renewals that the draft is not in force for what its study said (%s)',
  async (downward) => {
    const { world, a, b } = await renewals();
    world.until = UNTIL;
    const evaluationId = await world.reevaluate(await world.draft(FIRST), downward);
    await world.drain();
    const lost = -(600 + 3 * 5_000);
    const waived = downward === 'waive' ? -lost : 0;
    expect(await sums(world, b, evaluationId)).toEqual({ study: lost, minor: lost, waived, foreign: 0 });
    expect(await sums(world, a, evaluationId)).toEqual({ study: -lost, minor: -lost, waived: 0, foreign: 0 });
    for (const order of ['typed', 'later', 'last']) expect(await world.credits(order)).toEqual({ [a]: 100_000 });
  },
);

it('explains them by their own rule and the new shares, and leaves locked ones out', async () => {
  const { world, a, b } = await renewals();
  world.until = UNTIL;
  const study = await world.studied(FIRST);
  const [last] = await world.rows<{ id: string }>(`select id from conversion where external_id = 'last'`);
  const explained = await world.tx(async (tx) => explainStudied(tx, await getStudy(tx, study.id), [last!.id]));
  const { before, after } = explained.get(last!.id)!;
  expect(before.credits.map(({ beneficiary }) => beneficiary.id).sort()).toEqual([a, b].sort());
  expect(after.credits.map(({ beneficiary }) => beneficiary.id)).toEqual([a]);
  expect(after.policyId).toBe(before.policyId);
  const { digest } = await world.tx((tx) => getStudy(tx, study.id));
  expect(digest).toEqual(expect.any(String));
  expect((await world.repeated(study.id)).digest).toBe(digest);

  world.now = new Date(Date.parse(world.now) + 93 * 86_400_000).toISOString();
  await world.drain();
  world.until = UNTIL;
  const evaluationId = await world.reevaluate(await world.draft({ ...FIRST, name: 'First again' }));
  await world.drain();
  expect(await sums(world, b, evaluationId)).toMatchObject({ study: -600, minor: -600 });
  for (const order of ['typed', 'later', 'last'])
    expect(await world.credits(order)).toEqual({ [a]: 50_000, [b]: 50_000 });
});
