import { WithStartWorkflowOperation } from '@temporalio/client';
import { newId } from '../../db/ids.ts';
import { storeCommandInput } from '../../db/queries/command-input.ts';
import { insertPolicyDraft } from '../../db/queries/policy-version.ts';
import { inTransaction } from '../../db/transaction.ts';
import { openFeedback, requestApproval, submitPolicy } from '../../workflows/messages.ts';
import { LINEAR } from '../support/ground.ts';
import { startServers } from '../support/servers.ts';
import { Programme } from '../workflows/money/programme.ts';
import { MoneyStage } from '../workflows/money/stage.ts';
import { recordRun } from './record.ts';

// Records the money workflows on servers of its own: a settlement with its payout, an adjustment, and a case that becomes a policy with
// a study and a re-evaluation. Run it as record-main.ts: only when a change is meant to break running workflows.
const servers = await startServers();
const stage = await MoneyStage.open();
const { client } = stage.environment;
const acme = await Programme.open(stage);
const partnerId = await acme.partner();
await acme.sold(partnerId, 'order-1', 10_000);
const { programId } = acme;
const [finn, freya] = [await acme.person('finance', 0), await acme.person('finance', 1)];
const [mara, milan] = [await acme.person('partner_manager', 0), await acme.person('partner_manager', 1)];

async function typed(id: string, data: Record<string, unknown>, by: string) {
  const actor = by.startsWith('prt_') ? { kind: 'partner' as const, id: by } : { kind: 'person' as const, id: by };
  await inTransaction(stage.pool, programId, (tx) =>
    storeCommandInput(tx, { id, kind: 'x', subjectId: id, data, by: actor }),
  );
  return { commandId: id, actor };
}
const begin = (type: string, workflowId: string, args: object) =>
  new WithStartWorkflowOperation(type, {
    workflowId,
    taskQueue: 'money-test',
    args: [args],
    workflowIdConflictPolicy: 'USE_EXISTING',
  });

const adjustment = newId('adjustment');
const asked = await typed('cmd_adj', { partnerId, value: { minor: 500, currency: 'EUR' }, reason: 'Bonus.' }, finn);
const about = { subjectType: 'adjustment' as const, subjectId: adjustment };
await client.workflow.executeUpdateWithStart(requestApproval, {
  args: [{ ...about, ...asked }],
  startWorkflowOperation: begin('approval', `approval/adjustment/${adjustment}`, { programId, ...about }),
});
await acme.decide('adjustment.approval', 'approve', { by: freya, step: '1 second' });

const feedbackId = newId('feedback');
const said = await typed('cmd_fbk', { kind: 'attribution', message: 'My credit.' }, partnerId);
await client.workflow.executeUpdateWithStart(openFeedback, {
  args: [{ partnerId, feedbackId, ...said }],
  startWorkflowOperation: begin('feedbackCase', `feedback/${feedbackId}`, { programId, partnerId, feedbackId }),
});
const { id: policyId } = await inTransaction(stage.pool, programId, (tx) =>
  insertPolicyDraft(tx, { id: newId('policy'), body: LINEAR, createdBy: mara }),
);
await acme.decide('feedback.triage', 'review-policy', {
  by: mara,
  data: { message: 'We look.', policyId },
  step: '1 second',
});
const submission = await typed('cmd_pol', { reason: 'Fairer.' }, mara);
const dates = { effectiveFrom: await stage.now(), reevaluateFrom: acme.daysAgo(2) };
await client.workflow.executeUpdateWithStart(submitPolicy, {
  args: [{ policyId, ...dates, downward: 'recover', feedbackId, ...submission }],
  startWorkflowOperation: begin('policyChange', `policy/${policyId}`, { programId, policyId }),
});
await acme.decide('policy.approval', 'approve', { by: milan, step: '1 second' });
await acme.decide('policy.approval', 'approve', { by: finn, step: '1 second' });
await client.workflow.getHandle(`policy/${policyId}`).result();
const [row] = await acme.rows<{ id: string; study_id: string }>('select id, study_id from evaluation');
await client.workflow.execute('study', {
  workflowId: 'study/recorded',
  taskQueue: 'money-test',
  args: [{ programId, studyId: row!.study_id }],
});

const settlement = await acme.settle(partnerId);
await acme.decide('settlement.approval', 'approve', { by: finn });
await acme.decide('payout.release', 'release', { by: freya });
const { id: payoutId } = await acme.paidOut(partnerId, 'paid', '6 hours');
await client.workflow.getHandle(settlement).result();

const ran = {
  approval: `approval/adjustment/${adjustment}`,
  feedbackCase: `feedback/${feedbackId}`,
  policyChange: `policy/${policyId}`,
  reevaluation: `reevaluation/${row!.id}`,
  study: 'study/recorded',
  settlement,
  payout: `payout/${payoutId}`,
};
for (const [type, workflowId] of Object.entries(ran)) await recordRun(client, type, workflowId);
console.log(`Recorded: ${Object.keys(ran).join(', ')}`);
await stage.close();
await servers.stop();
