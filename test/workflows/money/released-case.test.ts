import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { releaseCases } from '../../../activities/chores/release-cases.ts';
import { newId } from '../../../db/ids.ts';
import { insertEvaluation } from '../../../db/queries/evaluation.ts';
import { insertPolicyDraft } from '../../../db/queries/policy-version.ts';
import { insertStudy } from '../../../db/queries/study.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { LINEAR } from '../../support/ground.ts';
import { caseAbout } from './policy-steps.ts';
import { MoneyStage } from './stage.ts';
import { Programme } from './programme.ts';

let stage: MoneyStage;

beforeAll(async () => {
  stage = await MoneyStage.open();
}, 120_000);
afterAll(() => stage.close());

it('a case that nobody told what became of its policy is told, once, and one whose policy is not decided waits', async () => {
  const acme = await Programme.open(stage);
  const partnerId = await acme.partner();
  const [mara, milan] = [await acme.person('partner_manager', 0), await acme.person('partner_manager', 1)];
  const draft = (name: string) =>
    inTransaction(acme.pool, acme.programId, (tx) =>
      insertPolicyDraft(tx, { id: newId('policy'), body: { ...LINEAR, name }, createdBy: mara }),
    );
  const [ended, waiting] = [await draft('Ended'), await draft('Waiting')];
  const untold = await caseAbout(acme, partnerId, milan, ended.id);
  const early = await caseAbout(acme, partnerId, milan, waiting.id);
  const cases = () => acme.rows<{ id: string; state: string }>('select id, state from feedback order by id');
  await acme.until(
    'both wait',
    async () => (await cases()).every(({ state }) => state === 'policy-review'),
    '1 second',
  );

  // As a version left it that told no case how a re-evaluation failed.
  const [study, evaluation] = [newId('study'), newId('evaluation')];
  const [fromAt, toAt] = [acme.daysAgo(3), acme.now];
  const of = { policyId: ended.id, fromAt, toAt, requestedBy: mara };
  await inTransaction(acme.pool, acme.programId, async (tx) => {
    await insertStudy(tx, { ...of, id: study, evaluationId: evaluation });
    const rest = { studyId: study, approvedStudyId: null, downward: 'recover' as const, feedbackId: null };
    await insertEvaluation(tx, { ...of, ...rest, id: evaluation });
    await tx.query(`update evaluation set state = 'failed', failure = 'broken' where id = $1`, [evaluation]);
    const submission = { effectiveFrom: toAt, reevaluateFrom: fromAt, downward: 'recover' };
    await tx.query(`update attribution_policy set state = 'retired', submission = $2 where id = $1`, [
      ended.id,
      JSON.stringify(submission),
    ]);
  });

  const { client } = stage.environment;
  expect(await releaseCases({ pool: acme.pool, client })).toBe(1);
  const answered = `select m.text from feedback f join feedback_message m on m.feedback_id = f.id and m.cause like 'not-carried-out/%'
    where f.id = $1 and f.state = 'answered'`;
  const [answer] = await acme.until(
    'the answer',
    async () => {
      const rows = await acme.rows(answered, [untold]);
      return rows.length > 0 && rows;
    },
    '1 second',
  );
  expect(answer).toEqual({ text: expect.stringContaining('Earlier sales could not be credited anew') });
  expect(await releaseCases({ pool: acme.pool, client })).toBe(0);
  expect((await cases()).find(({ id }) => id === early)).toEqual({ id: early, state: 'policy-review' });
});
