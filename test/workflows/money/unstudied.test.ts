import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WithStartWorkflowOperation } from '@temporalio/client';
import { newId } from '../../../db/ids.ts';
import { insertPolicyDraft } from '../../../db/queries/policy-version.ts';
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
