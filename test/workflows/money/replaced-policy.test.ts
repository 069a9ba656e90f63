import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '../../../db/ids.ts';
import { insertPolicyDraft } from '../../../db/queries/policy-version.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { LINEAR } from '../../support/ground.ts';
import { approvePolicy, caseAbout } from './policy-steps.ts';
import { MoneyStage } from './stage.ts';
import { Programme } from './programme.ts';

let stage: MoneyStage;

beforeAll(async () => {
  stage = await MoneyStage.open();
}, 120_000);
afterAll(() => stage.close());

async function draft(acme: Programme, name: string, createdBy: string): Promise<string> {
  const { id } = await inTransaction(acme.pool, acme.programId, (tx) =>
    insertPolicyDraft(tx, { id: newId('policy'), body: { ...LINEAR, name }, createdBy }),
  );
  return id;
}

it('a policy whose very instant another takes before it began ends there: it evaluates nothing anew, tells no partner, and says so', async () => {
  const acme = await Programme.open(stage);
  const partnerId = await acme.partner();
  await acme.touch(
    { id: 'p', partnerId, occurredAt: acme.daysAgo(1.9) },
    { id: 'm', channel: 'system_email', occurredAt: acme.daysAgo(1.5) },
  );
  await acme.sale('order-1', 10_000, acme.daysAgo(1));
  await acme.drain();
  const [mara, milan] = [await acme.person('partner_manager', 0), await acme.person('partner_manager', 1)];
  const finn = await acme.person('finance');
  const effectiveFrom = new Date(Date.parse(await stage.now()) + 86_400_000).toISOString();
  const [replaced, other] = [await draft(acme, 'Replaced', mara), await draft(acme, 'Other', mara)];
  const before = await caseAbout(acme, partnerId, milan, replaced);
  for (const policyId of [replaced, other])
    await approvePolicy(acme, { policyId, effectiveFrom, by: mara, approvers: [milan, finn] });
  const resultOf = (policyId: string) => stage.environment.client.workflow.getHandle(`policy/${policyId}`).result();

  expect(await Promise.all([replaced, other].map(resultOf))).toEqual(['replaced', 'active']);

  const states = await acme.rows('select id, state from attribution_policy where id = any ($1) order by name', [
    [replaced, other],
  ]);
  expect(states.map(({ state }) => state)).toEqual(['active', 'retired']);
  expect(await acme.rows('select policy_id from evaluation')).toEqual([{ policy_id: other }]);
  const events = `select kind, data ->> 'by' as by from event where subject_id = $1 and kind in ('policy.active', 'policy.replaced')`;
  expect(await acme.rows(events, [replaced])).toEqual([{ kind: 'policy.replaced', by: other }]);
  expect(await acme.rows(events, [other])).toEqual([{ kind: 'policy.active', by: null }]);
  const told = await acme.rows(
    `select template, data ->> 'policyId' as policy from mail_outbox where template like 'policy-%' order by 1`,
  );
  expect(told).toEqual([
    { template: 'policy-changed', policy: other },
    { template: 'policy-replaced', policy: replaced },
  ]);

  const after = await caseAbout(acme, partnerId, milan, replaced);
  for (const feedbackId of [before, after]) {
    const carriedOut = `select kind from event where subject_id = $1 and kind like 'feedback.%carried-out'`;
    const said = await acme.until(
      'the answer to the case',
      async () => (await acme.rows(carriedOut, [feedbackId]))[0],
      '1 second',
    );
    expect(said).toEqual({ kind: 'feedback.not-carried-out' });
  }
}, 240_000);
