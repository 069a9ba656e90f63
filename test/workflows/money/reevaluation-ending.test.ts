import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { newId } from '../../../db/ids.ts';
import { insertPolicyDraft } from '../../../db/queries/policy-version.ts';
import { inTransaction } from '../../../db/transaction.ts';
import type { Policy } from '../../../domain/attribution/policy.ts';
import { cancelReevaluation } from '../../../workflows/messages.ts';
import { eventually } from '../../support/eventually.ts';
import { LINEAR } from '../../support/ground.ts';
import { approvePolicy, caseAbout } from './policy-steps.ts';
import { DAY_MS, MoneyStage } from './stage.ts';
import { Programme } from './programme.ts';

const FIRST: Policy = { ...LINEAR, name: 'First', model: { kind: 'first' } };

let stage: MoneyStage;

beforeAll(async () => {
  stage = await MoneyStage.open();
}, 120_000);
afterAll(() => stage.close());

/** A partner's sale that the founding policy gives to the mail, and the people who decide. */
async function aComplaint() {
  const acme = await Programme.open(stage);
  const partnerId = await acme.partner();
  await acme.touch(
    { id: 'p', partnerId, occurredAt: acme.daysAgo(1.9) },
    { id: 'm', channel: 'system_email', occurredAt: acme.daysAgo(1.5) },
  );
  await acme.sale('order-1', 10_000, acme.daysAgo(1));
  await acme.drain();
  const [mara, milan] = [await acme.person('partner_manager', 0), await acme.person('partner_manager', 1)];
  return { acme, partnerId, mara, milan, finn: await acme.person('finance') };
}
type Complaint = Awaited<ReturnType<typeof aComplaint>>;

const later = (instant: string, ms: number) => new Date(Date.parse(instant) + ms).toISOString();

/** A version that two persons approve, with a re-evaluation of the days before; it comes into force tomorrow. */
async function approved({ acme, mara, milan, finn }: Complaint, { body = LINEAR, from = '' } = {}) {
  const effectiveFrom = from || later(await stage.now(), DAY_MS);
  const policyId = newId('policy');
  await inTransaction(acme.pool, acme.programId, (tx) =>
    insertPolicyDraft(tx, { id: policyId, body, createdBy: mara }),
  );
  await approvePolicy(acme, { policyId, effectiveFrom, by: mara, approvers: [milan, finn] });
  return policyId;
}

/** The case waits for what becomes of a policy. */
const reviewed = ({ acme, partnerId, milan }: Complaint, policyId: string) =>
  caseAbout(acme, partnerId, milan, policyId);

/** What the system answered the case with. */
async function answerOf(acme: Programme, feedbackId: string) {
  const answered = `select state, (select text from feedback_message m where m.feedback_id = f.id and cause like '%carried-out/%') as text,
       (select kind from event e where e.subject_id = f.id and e.kind like 'feedback.%carried-out') as event, evaluation_id as evaluation
     from feedback f where id = $1 and state = 'answered'`;
  const step = '1 second';
  return acme.until('the answer to the case', async () => (await acme.rows(answered, [feedbackId]))[0], step);
}

const resultOf = (policyId: string) => stage.environment.client.workflow.getHandle(`policy/${policyId}`).result();
const mailsOf = (acme: Programme) =>
  acme.rows(
    `select template, data ->> 'reason' as reason, data -> 'differenceMinor' as difference from mail_outbox
     where template like 'policy-%' order by template`,
  );

describe('the re-evaluation of a policy in force', () => {
  it('that fails is told to who submitted it with the reason, and to the cases as not carried out, whenever they are linked', async () => {
    const complaint = await aComplaint();
    const { acme, partnerId } = complaint;
    const policyId = await approved(complaint);
    const before = await reviewed(complaint, policyId);
    // A body that nobody could have submitted stands for whatever breaks a re-evaluation after its approval.
    const inMonths: Policy = { ...LINEAR, lookback: { ...LINEAR.lookback, default: 'P1M' } };
    await acme.rows('update attribution_policy set body = $2 where id = $1', [policyId, inMonths]);

    expect(await resultOf(policyId)).toBe('active');

    const after = await reviewed(complaint, policyId);
    const [evaluation] = await acme.rows('select id, state, failure, overtaken_by from evaluation');
    expect(evaluation).toMatchObject({
      state: 'failed',
      failure: expect.stringContaining('months'),
      overtaken_by: null,
    });
    for (const feedbackId of [before, after])
      expect(await answerOf(acme, feedbackId)).toEqual({
        state: 'answered',
        text: expect.stringContaining('Earlier sales could not be credited anew'),
        event: 'feedback.not-carried-out',
        evaluation: evaluation!.id,
      });
    expect(await mailsOf(acme)).toEqual([
      { template: 'policy-changed', reason: null, difference: null },
      { template: 'policy-not-reevaluated', reason: evaluation!.failure, difference: null },
    ]);
    expect(await acme.commission(partnerId, 'order-1')).toBe(0);
  }, 240_000);

  it('that is cancelled is told so too', async () => {
    const complaint = await aComplaint();
    const { acme, mara } = complaint;
    const policyId = await approved(complaint);
    const before = await reviewed(complaint, policyId);
    const blocker = await heldLines();
    const [evaluation] = await untilCut(acme, 1, later(await stage.now(), DAY_MS));
    await stage.environment.client.workflow
      .getHandle(`reevaluation/${evaluation!.id as string}`)
      .executeUpdate(cancelReevaluation, { args: [{ commandId: 'cmd_x', actor: { kind: 'person', id: mara } }] });
    await blocker.release();

    expect(await resultOf(policyId)).toBe('active');

    const after = await reviewed(complaint, policyId);
    for (const feedbackId of [before, after])
      expect(await answerOf(acme, feedbackId)).toMatchObject({
        text: expect.stringContaining('Earlier sales could not be credited anew'),
        event: 'feedback.not-carried-out',
      });
    expect(await mailsOf(acme)).toEqual([
      { template: 'policy-changed', reason: null, difference: null },
      { template: 'policy-not-reevaluated', reason: null, difference: null },
    ]);
  }, 240_000);

  it('that another overtakes is cut and carried out anew, and its case hears that it is posted', async () => {
    const complaint = await aComplaint();
    const { acme, partnerId } = complaint;
    const [from, next] = [later(await stage.now(), DAY_MS), later(await stage.now(), DAY_MS + 1_000)];
    const policies = [await approved(complaint, { from }), await approved(complaint, { body: FIRST, from: next })];
    const cases = [await reviewed(complaint, policies[0]!), await reviewed(complaint, policies[1]!)];
    const blocker = await heldLines();
    await untilCut(acme, 2, next);
    await blocker.release();

    expect(await Promise.all(policies.map(resultOf))).toEqual(['active', 'active']);

    const evaluations = await acme.rows(
      `select e.id, e.policy_id, e.state, e.failure, e.overtaken_by, e.approved_study_id from evaluation e order by executed_at nulls first`,
    );
    expect(evaluations.map(({ state }) => state)).toEqual(['failed', 'done', 'done']);
    const [overtaken, other, anew] = evaluations;
    expect(overtaken).toMatchObject({
      overtaken_by: other!.id,
      failure: expect.stringContaining('was carried out after the cut'),
      policy_id: anew!.policy_id,
      approved_study_id: anew!.approved_study_id,
    });
    const minor = anew!.policy_id === policies[0] ? 500 : 1_000;
    expect(await acme.commission(partnerId, 'order-1')).toBe(minor);
    const told: Record<string, unknown>[] = [];
    for (const feedbackId of cases) told.push(await answerOf(acme, feedbackId));
    expect(told.map(({ event }) => event)).toEqual(['feedback.carried-out', 'feedback.carried-out']);
    expect(told.map(({ evaluation }) => evaluation).sort()).toEqual([other!.id, anew!.id].sort());
    for (const { text } of told) expect(text).toContain('earlier sales were credited anew');
    expect((await mailsOf(acme)).map(({ template }) => template)).toEqual(['policy-changed', 'policy-changed']);
  }, 240_000);
});

/** Nobody writes lines of studies until they are released: a re-evaluation is cut and comes no further. */
async function heldLines(): Promise<{ release(): Promise<void> }> {
  const blocker = new pg.Client(stage.postgres.superuserUrl);
  await blocker.connect();
  await blocker.query('begin; lock table study_line in share mode');
  return {
    async release() {
      await blocker.query('commit');
      await blocker.end();
    },
  };
}

/** Waits for an instant, and until so many re-evaluations are cut. */
async function untilCut(acme: Programme, count: number, instant: string) {
  await stage.environment.sleep(Date.parse(instant) - Date.parse(await stage.now()));
  let cut: Record<string, unknown>[] = [];
  await eventually(async () => {
    cut = await acme.rows('select id from evaluation where cut_at is not null');
    expect(cut).toHaveLength(count);
  });
  return cut;
}
