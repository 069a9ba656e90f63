import { expect, it } from '@jest/globals';
import { advanceBoundaries } from '../../../activities/attribution/advance.ts';
import { feedStep } from '../../../activities/attribution/feed-step.ts';
import type { FeedStepOptions } from '../../../activities/attribution/feed-step.ts';
import { auditProgram } from '../../../audit/run.ts';
import type { Pool } from '../../../db/pool.ts';
import type { Policy } from '../../../domain/attribution/policy.ts';
import { aPartner, aProgram, LINEAR, tenPercent } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { FIRST, StudyWorld } from './study-world.ts';

const LAST: Policy = { ...LINEAR, name: 'Last', model: { kind: 'last' } };
const WHOLE = { ...tenPercent(), plan: { rules: [{ kind: 'percentage' as const, basisPoints: 10_000 }] } };

let pool: Pool;
useTestPool((opened) => (pool = opened));

/** A sale that `first` and then `second` touched, and renewals of it, one of the other; every window is locked. */
async function lockedRenewals(policy: Policy, { renewals, minor }: { renewals: number; minor: number }) {
  const { programId } = await aProgram(pool, { policy });
  const world = new StudyWorld(pool, programId);
  const one = (await aPartner(pool, programId, { terms: WHOLE })).partnerId;
  const other = (await aPartner(pool, programId, { terms: WHOLE })).partnerId;
  // The later id touches first, so that the order of touchpoints and that of ids give different cents.
  const [second, first] = [one, other].sort() as [string, string];
  await world.touch(
    { id: 't1', partnerId: first, occurredAt: '2026-03-01T00:00:00Z' },
    { id: 't2', partnerId: second, occurredAt: '2026-03-02T00:00:00Z' },
  );
  await world.sale('s0', minor, '2026-03-10T00:00:00Z');
  for (let no = 1; no <= renewals; no += 1)
    await world.sale(`s${no}`, minor, `2026-04-0${no}T00:00:00Z`, {
      parentExternalId: `s${no - 1}`,
      identity: { customerId: `renewal-${no}` },
    });
  await world.drain();
  world.now = new Date(Date.parse(world.now) + 93 * 86_400_000).toISOString();
  await advanceBoundaries(pool, programId, { now: world.now });
  await world.drain();
  return { world, first, second };
}

/** What came after the first row of each pair: kind, amount and whether an evaluation caused it, by order and partner. */
function corrections(world: StudyWorld) {
  return world.rows(
    `select c.external_id as order, m.partner_id as partner, m.kind, m.amount_minor as minor, m.evaluation_id is not null as evaluated
     from commission m join conversion c on c.id = m.conversion_id
     where m.revision > 1 or m.kind <> 'earned'
     order by 1, 2`,
  );
}

async function faults({ programId }: StudyWorld) {
  return (await auditProgram({ pool, client: null, providerUrl: null }, programId)).filter(
    ({ result }) => result === 'fault',
  );
}

async function allSteps(world: StudyWorld, options: FeedStepOptions): Promise<void> {
  for (let taken = 1; taken > 0;) ({ taken } = await world.tx((tx) => feedStep(tx, world.now, options)));
}

it('moves locked renewals with their sale, by what the study said, once', async () => {
  const { world, first, second } = await lockedRenewals(LAST, { renewals: 3, minor: 1_001 });
  await world.reevaluate(await world.draft(FIRST));
  await world.drain();
  const moved = ['s0', 's1', 's2', 's3'].flatMap((order) => [
    { order, partner: second, kind: 'adjustment', minor: -1_001, evaluated: true },
    { order, partner: first, kind: 'adjustment', minor: 1_001, evaluated: true },
  ]);
  expect(await corrections(world)).toEqual(moved);
  for (const order of ['s0', 's1', 's2', 's3']) expect(await world.credits(order)).toEqual({ [first]: 1_001 });
  await world.reevaluate(await world.draft({ ...FIRST, name: 'First again' }));
  await world.drain();
  expect(await corrections(world)).toEqual(moved);
  expect(await faults(world)).toEqual([]);
});

it('gives a locked renewal what its sale is given, where the work on the renewal comes first', async () => {
  const { world, first } = await lockedRenewals(LAST, { renewals: 2, minor: 1_001 });
  const { evaluationId, studyId } = await world.evaluation(await world.draft(FIRST));
  await world.cut(evaluationId);
  await world.run(studyId);
  await world.execute(evaluationId);
  const ids = (await world.rows<{ id: string }>('select id from conversion order by id')).map(({ id }) => id);
  await world.tx(async (tx) => {
    for (const [after, last] of [
      [ids[1]!, ids[2]!],
      [ids[0]!, ids[1]!],
      ['', ids[0]!],
    ])
      await tx.query(
        `insert into intake_work (program_id, kind, evaluation_id, conversion_id, external_id, received_at)
         select program_id, kind, evaluation_id, $2, $3, received_at from intake_work
         where program_id = $1 and kind = 'evaluation' order by seq limit 1`,
        [tx.programId, after, last],
      );
    await tx.query(
      `delete from intake_work where seq = (select min(seq) from intake_work where program_id = $1 and kind = 'evaluation')`,
      [tx.programId],
    );
  });
  const slices = await world.rows<{ seq: number }>(
    `select seq from intake_work where kind = 'evaluation' order by seq`,
  );
  expect(slices).toHaveLength(3);
  for (const { seq } of slices) await world.tx((tx) => feedStep(tx, world.now, { only: seq }));
  await world.post(evaluationId);
  await world.drain();
  for (const order of ['s0', 's1', 's2']) expect(await world.credits(order)).toEqual({ [first]: 1_001 });
  expect((await corrections(world)).map(({ kind }) => kind)).toEqual(Array(6).fill('adjustment'));
});

it('gives a renewal what its sale is given in the same step, where the journey of the sale does not fit into memory', async () => {
  const { world, first } = await lockedRenewals(LAST, { renewals: 2, minor: 1_001 });
  const { evaluationId, studyId } = await world.evaluation(await world.draft(FIRST));
  await world.cut(evaluationId);
  await world.run(studyId);
  await world.execute(evaluationId);
  await advanceBoundaries(pool, world.programId, { now: world.now });
  await allSteps(world, { mostTouchpoints: 0 });
  await world.post(evaluationId);
  await world.drain();
  for (const order of ['s0', 's1', 's2']) expect(await world.credits(order)).toEqual({ [first]: 1_001 });
  expect((await corrections(world)).map(({ kind }) => kind)).toEqual(Array(6).fill('adjustment'));
});

it('credits a new sale and its renewal in one step, where the journey of the sale does not fit into memory', async () => {
  const { programId } = await aProgram(pool, { policy: LAST });
  const world = new StudyWorld(pool, programId);
  const { partnerId } = await aPartner(pool, programId);
  await world.touch({ id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' });
  await world.sale('s0', 1_000, '2026-03-10T00:00:00Z');
  await world.sale('s1', 500, '2026-04-10T00:00:00Z', { parentExternalId: 's0', identity: { customerId: 'other' } });
  await advanceBoundaries(pool, programId, { now: world.now });
  await allSteps(world, { mostTouchpoints: 0 });
  await world.drain();
  expect([await world.credits('s0'), await world.credits('s1')]).toEqual([
    { [partnerId]: 1_000 },
    { [partnerId]: 500 },
  ]);
  expect(await faults(world)).toEqual([]);
});

it('leaves a locked renewal as it is, to the cent, whose parent comes after its lock', async () => {
  const { programId } = await aProgram(pool, { policy: LINEAR });
  const world = new StudyWorld(pool, programId);
  const ids = [(await aPartner(pool, programId)).partnerId, (await aPartner(pool, programId)).partnerId];
  const [second, first] = ids.sort() as [string, string];
  await world.touch(
    { id: 't1', partnerId: first, occurredAt: '2026-03-01T00:00:00Z' },
    { id: 't2', partnerId: second, occurredAt: '2026-03-02T00:00:00Z' },
  );
  await world.sale('s1', 1_001, '2026-03-10T00:00:00Z', { parentExternalId: 's0' });
  await world.drain();
  world.now = new Date(Date.parse(world.now) + 93 * 86_400_000).toISOString();
  await advanceBoundaries(pool, programId, { now: world.now });
  await world.sale('s0', 1_001, '2026-02-10T00:00:00Z', { identity: { customerId: 'nobody' } });
  await world.drain();
  expect(await world.credits('s1')).toEqual({ [first]: 501, [second]: 500 });
  await world.refund('r1', 's1', 1);
  await world.drain();
  expect(await world.credits('s1')).toEqual({ [first]: 500, [second]: 500 });
  expect(await faults(world)).toEqual([]);
});

it('posts nothing under an unchanged policy, where a cent of a renewal goes by a tie', async () => {
  const { world, first, second } = await lockedRenewals(LINEAR, { renewals: 2, minor: 1_001 });
  expect(await world.credits('s0')).toEqual({ [first]: 501, [second]: 500 });
  expect(await world.credits('s1')).toEqual({ [first]: 500, [second]: 501 });
  const study = await world.studied({ ...LINEAR, name: 'Linear again' });
  expect(
    await world.rows(
      `select * from study_line where study_id = $1 and (value_before_minor <> value_after_minor or from_late_evidence)`,
      [study.id],
    ),
  ).toEqual([]);
  await world.reevaluate(await world.draft({ ...LINEAR, name: 'Linear once more' }));
  await world.drain();
  expect(await corrections(world)).toEqual([]);
  expect(await faults(world)).toEqual([]);
});
