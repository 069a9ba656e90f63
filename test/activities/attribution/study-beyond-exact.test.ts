import { expect, it } from '@jest/globals';
import { totalsOf } from '../../../activities/attribution/study-totals.ts';
import type { Pool } from '../../../db/pool.ts';
import { sumByBeneficiary } from '../../../db/queries/study-sum.ts';
import { aProgram, LINEAR } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { FIRST, StudyWorld } from './study-world.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

/** Another line like that of email, with so much value after. */
async function addLine(world: StudyWorld, studyId: string, channel: string, minor: number) {
  await world.rows(
    `insert into study_line
     select (jsonb_populate_record(l, jsonb_build_object('beneficiary_id', $2::text, 'value_after_minor', $3::bigint))).*
     from study_line l where l.study_id = $1 and l.beneficiary_id = 'email'`,
    [studyId, channel, minor],
  );
}

it('refuses sums that no double holds exactly, of one beneficiary and of all', async () => {
  const { programId } = await aProgram(pool, { policy: { ...LINEAR, name: 'Last', model: { kind: 'last' } } });
  const world = new StudyWorld(pool, programId);
  await world.touch({ id: 'first', channel: 'email', occurredAt: '2026-02-01T00:00:00Z' });
  await world.sale('s1', 10_000, '2026-02-10T00:00:00Z');
  await world.drain();
  const { id } = await world.studied(FIRST);
  const beyond = (sum: string) => ({ code: 'invalid', message: expect.stringContaining(`(${sum}) is beyond 2^53`) });

  await addLine(world, id, 'direct', 2 ** 52);
  await addLine(world, id, 'video', 2 ** 52 - 10_001);
  expect((await world.tx((tx) => totalsOf(tx, id))).value.after.minor).toBe(2 ** 53 - 1);
  await addLine(world, id, 'blog', 1);
  await expect(world.tx((tx) => totalsOf(tx, id))).rejects.toMatchObject(beyond('9007199254740992'));
  expect(await world.tx((tx) => sumByBeneficiary(tx, id))).toHaveLength(4);
  await addLine(world, id, 'radio', 2 ** 54);
  await expect(world.tx((tx) => sumByBeneficiary(tx, id))).rejects.toMatchObject(beyond('18014398509481984'));
});
