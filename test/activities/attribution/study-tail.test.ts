import { expect, it } from '@jest/globals';
import { endContract } from '../../../activities/contract-end.ts';
import { auditProgram } from '../../../audit/run.ts';
import { joinIntake } from '../../../db/locks.ts';
import type { Pool } from '../../../db/pool.ts';
import { getStudy } from '../../../db/queries/study.ts';
import { SYSTEM } from '../../../domain/actor.ts';
import type { Terms } from '../../../domain/contract/terms.ts';
import { aContractFact, aPartner, aProgram, LINEAR, tenPercent } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { FIRST, StudyWorld } from './study-world.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

const CAPPED: Terms = {
  ...tenPercent(),
  plan: { rules: [{ kind: 'percentage', basisPoints: 1_000 }], windowCap: { minor: 5_000, currency: 'EUR' } },
};

/** Two sales of 1,000.00 at these instants, touched first by one partner, whose windows are capped at 50.00, and last by another, who has them. */
async function twoSales(terms: Terms, at: [string, string], ended?: string) {
  const { programId } = await aProgram(pool, { policy: { ...LINEAR, name: 'Last', model: { kind: 'last' } } });
  const world = new StudyWorld(pool, programId);
  const first = await aPartner(pool, programId, { terms });
  const last = await aPartner(pool, programId);
  const { partnerId, contractId } = first;
  if (ended) await aContractFact(pool, programId, { partnerId, contractId, kind: 'ended', version: 1, at: ended });
  for (const [index, occurredAt] of at.entries()) {
    const identity = { customerId: `c${index}` };
    const before = (hours: number) => new Date(Date.parse(occurredAt) - hours * 3_600_000).toISOString();
    await world.touch(
      { id: `f${index}`, partnerId, occurredAt: before(2), identity },
      { id: `l${index}`, partnerId: last.partnerId, occurredAt: before(1), identity },
    );
    await world.sale(`s${index}`, 100_000, occurredAt, { identity });
  }
  await world.drain();
  return { world, ...first };
}

/** What a study gives a partner with each sale. */
async function afterOf(world: StudyWorld, studyId: string, partnerId: string) {
  const rows = await world.rows<{ minor: number }>(
    `select l.commission_after_minor as minor from study_line l join conversion c on c.id = l.conversion_id
     where l.study_id = $1 and l.beneficiary_id = $2 order by c.external_id`,
    [studyId, partnerId],
  );
  return rows.map(({ minor }) => minor);
}

async function expectSameBytes(world: StudyWorld, studyId: string) {
  const { digest } = await world.tx((tx) => getStudy(tx, studyId));
  expect(digest).toEqual(expect.any(String));
  expect((await world.repeated(studyId)).digest).toBe(digest);
}

it('prices what a partner wins after its contract ended in the windows that posting opens for it', async () => {
  const terms = { ...CAPPED, tail: 'P60D' };
  const { world, partnerId } = await twoSales(
    terms,
    ['2026-03-20T00:00:00Z', '2026-03-25T00:00:00Z'],
    '2026-03-15T00:00:00Z',
  );
  const windows = 'select count(*) as n from attribution_window';
  const before = await world.rows(windows);
  const studied = await world.studied(FIRST);
  expect(await world.rows(windows)).toEqual(before);
  expect(await afterOf(world, studied.id, partnerId)).toEqual([5_000, 0]);

  await world.reevaluate(await world.draft({ ...FIRST, name: 'First, carried out' }));
  await world.drain();
  expect(
    await world.rows(
      `select kind, amount_minor as minor from commission where partner_id = $1 and amount_minor <> 0 order by conversion_at, revision`,
      [partnerId],
    ),
  ).toEqual([{ kind: 'adjustment', minor: 5_000 }]);
  await expectSameBytes(world, studied.id);
  const audit = await auditProgram({ pool, client: null, providerUrl: null }, world.programId);
  expect(audit.filter(({ result }) => result === 'fault')).toEqual([]);
});

it('knows the months of a tail apart, as posting does', async () => {
  const terms = { ...CAPPED, tail: 'P60D' };
  const { world, partnerId } = await twoSales(
    terms,
    ['2026-03-20T00:00:00Z', '2026-04-02T00:00:00Z'],
    '2026-03-15T00:00:00Z',
  );
  const studied = await world.studied(FIRST);
  expect(await afterOf(world, studied.id, partnerId)).toEqual([5_000, 5_000]);
  const [state] = await world.rows('select distinct window_state as state from study_line where study_id = $1', [
    studied.id,
  ]);
  expect(state).toEqual({ state: 'locked' });
  await world.reevaluate(await world.draft({ ...FIRST, name: 'First, carried out' }));
  await world.drain();
  await expectSameBytes(world, studied.id);
});

it('reads windows as they stood at its cut, when a contract ends afterwards', async () => {
  const hours = (count: number) => new Date(Date.now() - count * 3_600_000).toISOString();
  const { world, partnerId, contractId } = await twoSales(CAPPED, [hours(3), hours(2)]);
  const studied = await world.studied(FIRST);
  expect(await afterOf(world, studied.id, partnerId)).toEqual([5_000, 0]);
  await world.tx(async (tx) => {
    const receivedAt = await joinIntake(tx);
    await endContract(tx, { partnerId, contractId, at: receivedAt, expiresAt: hours(4), receivedAt, actor: SYSTEM });
  });
  const [window] = await world.rows('select is_final from attribution_window where partner_id = $1 order by no desc', [
    partnerId,
  ]);
  expect(window).toEqual({ is_final: true });
  await world.drain();
  await expectSameBytes(world, studied.id);
});
