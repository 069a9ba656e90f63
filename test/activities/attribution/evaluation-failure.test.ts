import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { failReevaluationRun } from '../../../activities/attribution/reevaluation-run.ts';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import { getEvaluation } from '../../../db/queries/evaluation.ts';
import { getPolicy } from '../../../db/queries/policy-version.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { aStory, FIRST } from './study-world.ts';

const MIGRATION = new URL('../../../db/migrations/0035-end-of-evaluation.sql', import.meta.url);
/** The tables as they were before it. */
const BEFORE = `alter table evaluation drop column failure, drop column overtaken_by;
  update attribution_policy set effective_from = null;`;

let postgres: TestPostgres;
let pool: Pool;
beforeAll(async () => {
  postgres = await startTestPostgres();
  pool = createPool({ url: postgres.url });
});
afterAll(async () => {
  await pool?.end();
  await postgres?.stop();
});

it('the reason of a failure is kept once and brought to those of before, and the founding policy holds since the first instant', async () => {
  const { world } = await aStory(pool);
  const { programId } = world;
  const { evaluationId } = await world.evaluation(await world.draft(FIRST));
  await world.cut(evaluationId);
  for (const failure of ['Its study is refused.', 'Something else.'])
    await failReevaluationRun(pool, programId, evaluationId, { at: world.now, failure });
  const kept = { state: 'failed', failure: 'Its study is refused.', overtakenBy: null };
  expect(await world.tx((tx) => getEvaluation(tx, evaluationId))).toMatchObject(kept);
  const [founding] = await world.rows<{ id: string }>(`select id from attribution_policy where state = 'active'`);

  const superuser = new pg.Client({ connectionString: postgres.superuserUrl });
  await superuser.connect();
  await superuser.query(BEFORE);
  await superuser.end();
  const owner = new pg.Client({ connectionString: postgres.ownerUrl });
  await owner.connect();
  await owner.query(`begin; ${readFileSync(MIGRATION, 'utf8')} commit`);
  await owner.end();

  expect(await world.tx((tx) => getEvaluation(tx, evaluationId))).toMatchObject(kept);
  expect(await world.tx((tx) => getPolicy(tx, founding!.id))).toMatchObject({ effectiveFrom: '1970-01-01T00:00:00Z' });
  const drafts = await world.rows(`select effective_from from attribution_policy where state = 'draft'`);
  expect(drafts).toEqual([{ effective_from: null }]);
  const forced = await world.rows<{ relname: string; on: boolean }>(
    `select relname, relforcerowsecurity as on from pg_class where relname in ('evaluation', 'event', 'attribution_policy')`,
  );
  expect(forced.map((table) => table.on)).toEqual([true, true, true]);
});
