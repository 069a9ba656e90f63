import { expect, it } from '@jest/globals';
import { beginStudy, creditStudyShard } from '../../../activities/attribution/study-credit.ts';
import { cutOwnStudy } from '../../../activities/attribution/study-cut.ts';
import { priceStudyShard } from '../../../activities/attribution/study-price.ts';
import { finishStudy } from '../../../activities/attribution/study-run.ts';
import { totalsOf } from '../../../activities/attribution/study-totals.ts';
import type { Pool } from '../../../db/pool.ts';
import { getStudy } from '../../../db/queries/study.ts';
import { sumByBeneficiary } from '../../../db/queries/study-sum.ts';
import { aProgram, LINEAR } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { FIRST, StudyWorld } from './study-world.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

/** Another line like that of email, with so much value after, and its commission in a currency. */
async function addLine(world: StudyWorld, studyId: string, channel: string, minor: number, currency = 'EUR') {
  await world.rows(
    `insert into study_line
     select (jsonb_populate_record(l, jsonb_build_object('beneficiary_id', $2::text, 'value_after_minor', $3::bigint,
       'commission_currency', $4::text))).*
     from study_line l where l.study_id = $1 and l.beneficiary_id = 'email'`,
    [studyId, channel, minor, currency],
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
  await addLine(world, id, 'blog', 1, 'USD');
  await expect(world.tx((tx) => totalsOf(tx, id))).rejects.toMatchObject(beyond('9007199254740992'));
  expect(await world.tx((tx) => sumByBeneficiary(tx, id))).toHaveLength(4);
  await addLine(world, id, 'radio', 2 ** 54);
  await expect(world.tx((tx) => sumByBeneficiary(tx, id))).rejects.toMatchObject(beyond('18014398509481984'));
});

it('leaves a study as it was when its sums cannot be told', async () => {
  const { programId } = await aProgram(pool, { policy: { ...LINEAR, name: 'Last', model: { kind: 'last' } } });
  const world = new StudyWorld(pool, programId);
  await world.touch({ id: 'first', channel: 'email', occurredAt: '2026-02-01T00:00:00Z' });
  await world.sale('s1', 10_000, '2026-02-10T00:00:00Z');
  await world.drain();
  const id = await world.study(await world.draft(FIRST));
  await cutOwnStudy(pool, programId, id, { now: world.now });
  await beginStudy(pool, programId, id);
  await creditStudyShard(pool, programId, id, { shard: 0, of: 1 }, {});
  await priceStudyShard(pool, programId, id, { shard: 0, of: 1 }, {});
  await addLine(world, id, 'radio', 2 ** 54);
  await expect(finishStudy(pool, programId, id, world.now)).rejects.toMatchObject({ code: 'invalid' });
  expect(await world.tx((tx) => getStudy(tx, id))).toMatchObject({ state: 'running', digest: null, totals: null });
  expect(await world.rows(`select from event where kind = 'study.finished'`)).toEqual([]);
});
