import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../../db/ids.ts';
import { insertEvaluation } from '../../../db/queries/evaluation.ts';
import { insertPolicyDraft } from '../../../db/queries/policy-version.ts';
import { insertStudy } from '../../../db/queries/study.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { cancelReevaluation } from '../../../workflows/messages.ts';
import { LINEAR } from '../../support/ground.ts';
import { MoneyStage } from './stage.ts';
import { Programme } from './programme.ts';

let stage: MoneyStage;

beforeAll(async () => {
  stage = await MoneyStage.open();
}, 120_000);
afterAll(() => stage.close());

/** A sale that the founding policy gives to the mail, and a re-evaluation that gives half of it to the partner. */
async function anEvaluation(acme: Programme) {
  const partnerId = await acme.partner();
  const identity = { customerId: 'c-1' };
  await acme.touch(
    { id: 'p', partnerId, identity, occurredAt: acme.daysAgo(1.9) },
    { id: 'm', channel: 'system_email', identity, occurredAt: acme.daysAgo(1.5) },
  );
  await acme.sale('order-1', 10_000, acme.daysAgo(1), { identity });
  await acme.drain();
  const [evaluationId, studyId] = [newId('evaluation'), newId('study')];
  const range = { fromAt: acme.daysAgo(3), toAt: acme.now };
  await inTransaction(stage.pool, acme.programId, async (tx) => {
    const { id: policyId } = await insertPolicyDraft(tx, { id: newId('policy'), body: LINEAR, createdBy: 'per_x' });
    await insertStudy(tx, { id: studyId, policyId, ...range, requestedBy: 'per_x', evaluationId });
    const more = { approvedStudyId: null, downward: 'recover' as const, feedbackId: null, requestedBy: 'per_x' };
    await insertEvaluation(tx, { id: evaluationId, policyId, studyId, ...range, ...more });
  });
  return { partnerId, evaluationId };
}

const start = (acme: Programme, evaluationId: string) =>
  stage.environment.client.workflow.start('reevaluation', {
    taskQueue: 'money-test',
    workflowId: `reevaluation/${evaluationId}`,
    args: [{ programId: acme.programId, evaluationId }],
  });

describe('a re-evaluation', () => {
  it('posts the difference once, however often it is started', async () => {
    const acme = await Programme.open(stage);
    const { partnerId, evaluationId } = await anEvaluation(acme);

    const first = await (await start(acme, evaluationId)).result();
    const second = await (await start(acme, evaluationId)).result();

    expect([first, second]).toEqual(['done', 'done']);
    expect(await acme.commission(partnerId, 'order-1')).toBe(500);
    const rows = await acme.rows('select kind, amount_minor from commission where amount_minor <> 0');
    expect(rows).toEqual([{ kind: 'adjustment', amount_minor: 500 }]);
  });

  it('posts nothing when it is cancelled before it is carried out, and cannot be cancelled afterwards', async () => {
    const acme = await Programme.open(stage);
    const { partnerId, evaluationId } = await anEvaluation(acme);
    await acme.rows(`update evaluation set state = 'cancelled' where id = $1`, [evaluationId]);

    expect(await (await start(acme, evaluationId)).result()).toBe('cancelled');
    expect(await acme.commission(partnerId, 'order-1')).toBe(0);

    const other = await Programme.open(stage);
    const done = await anEvaluation(other);
    const handle = await start(other, done.evaluationId);
    await handle.result();
    const cancel = handle.executeUpdate(cancelReevaluation, {
      args: [{ commandId: 'cmd_x', actor: { kind: 'person', id: 'per_x' } }],
    });
    await expect(cancel).rejects.toThrow();
    expect((await other.rows('select state from evaluation'))[0]).toEqual({ state: 'done' });
  });
});
