import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WithStartWorkflowOperation } from '@temporalio/client';
import { newId } from '../../../db/ids.ts';
import { insertPolicyDraft } from '../../../db/queries/policy-version.ts';
import { insertStudy } from '../../../db/queries/study.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { submitPolicy } from '../../../workflows/messages.ts';
import { MoneyStage } from './stage.ts';
import { Programme } from './programme.ts';

let stage: MoneyStage;

beforeAll(async () => {
  stage = await MoneyStage.open();
}, 120_000);
afterAll(() => stage.close());

describe('a policy that cannot be studied', () => {
  it('is rejected with the reason and its submitter told, and nobody is asked to approve it', async () => {
    const acme = await Programme.open(stage);
    const partnerId = await acme.partner();
    await acme.sold(partnerId, 'order-1', 10_000);
    const mara = await acme.person('partner_manager');
    // A body that no version of Tandem can read stands for whatever breaks a study.
    const { id: policyId } = await inTransaction(stage.pool, acme.programId, (tx) =>
      insertPolicyDraft(tx, {
        id: newId('policy'),
        body: { name: 'Odd', conversionTypes: ['purchase'] } as never,
        createdBy: mara,
      }),
    );
    const { workflow } = stage.environment.client;
    const workflowId = `policy/${policyId}`;
    await workflow.executeUpdateWithStart(submitPolicy, {
      args: [
        {
          policyId,
          effectiveFrom: await stage.now(),
          downward: 'recover',
          commandId: 'cmd_1',
          actor: { kind: 'person', id: mara },
        },
      ],
      startWorkflowOperation: new WithStartWorkflowOperation('policyChange', {
        workflowId,
        taskQueue: 'money-test',
        args: [{ programId: acme.programId, policyId }],
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    });

    expect(await workflow.getHandle(workflowId).result()).toBe('rejected');

    expect(await acme.rows('select state from attribution_policy where id = $1', [policyId])).toEqual([
      { state: 'rejected' },
    ]);
    const studies = await acme.rows<{ state: string; failure: string }>('select state, failure from study');
    expect(studies.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed']);
    const [mail] = await acme.rows<{ data: { reason: string } }>(
      `select data from mail_outbox where template = 'policy-not-studied'`,
    );
    expect(mail?.data.reason).toBe(studies[0]!.failure);
    expect(await acme.rows(`select id from task where kind = 'policy.approval'`)).toEqual([]);
  }, 120_000);
});

describe('a study that somebody asked for and that cannot go on', () => {
  const runOf = (programId: string, studyId: string) =>
    stage.environment.client.workflow.execute('study', {
      taskQueue: 'money-test',
      workflowId: `study/${studyId}`,
      args: [{ programId, studyId }],
    });

  it('is failed, with the reason', async () => {
    const acme = await Programme.open(stage);
    const studyId = newId('study');
    // A policy that is not there stands for whatever no repetition mends.
    const range = { fromAt: acme.daysAgo(3), toAt: acme.daysAgo(1) };
    await inTransaction(stage.pool, acme.programId, (tx) =>
      insertStudy(tx, { id: studyId, policyId: newId('policy'), ...range, requestedBy: 'per_mara' }),
    );
    expect(await runOf(acme.programId, studyId)).toBe('failed');
    expect(await acme.rows('select state, failure from study')).toEqual([
      { state: 'failed', failure: 'The study is queued.' },
    ]);
  }, 120_000);

  it('ends its run where its work is refused', async () => {
    const acme = await Programme.open(stage);
    expect(await runOf(acme.programId, newId('study'))).toBe('failed');
  }, 120_000);
});
