import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestPostgres, startTestTemporal } from '../../support/stack.ts';
import type { TestPostgres, TestTemporal } from '../../support/stack.ts';
import { eventually } from '../../support/eventually.ts';
import { ANSWERS, World } from './world.ts';

let postgres: TestPostgres;
let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  [postgres, temporal] = await Promise.all([startTestPostgres(), startTestTemporal()]);
  world = await new World(temporal, postgres).start();
});
afterAll(async () => {
  await world.stop();
  await temporal.stop();
  await postgres.stop();
});

describe('a partner', () => {
  it('goes from the invitation to active, with a contract in force, windows and mails', async () => {
    const partnerId = await world.activate();

    const facts = await world.rows('select kind, version from contract_fact where partner_id = $1', [partnerId]);
    const windows = await world.rows('select no from attribution_window where partner_id = $1 order by no', [
      partnerId,
    ]);
    const mails = await world.rows('select template from mail_outbox where partner_id = $1 order by created_at', [
      partnerId,
    ]);
    expect(facts).toEqual([{ kind: 'in-force', version: 1 }]);
    expect(windows.length).toBeGreaterThanOrEqual(2);
    expect(mails.map(({ template }) => template)).toEqual([
      'task-opened',
      'task-opened',
      'contract-signed',
      'task-opened',
      'task-opened',
      'partner-active',
    ]);
  });

  it('is offered what it countered, twice at most', async () => {
    const partnerId = await world.invite({ answers: ANSWERS });
    await world.decide('application.decision', partnerId, 'approve', 'manager');
    for (const basisPoints of [1_200, 1_100]) {
      const changes = { plan: { rules: [{ kind: 'percentage', basisPoints }] } };
      await world.decide('contract.signature', partnerId, 'counter', 'partner', {
        data: { changes, message: 'More.' },
      });
      await world.decide('contract.counter', partnerId, 'accept', 'legal');
    }
    const third = await world.openTask('contract.signature', partnerId);
    const refused = world.complete(third, 'counter', { kind: 'partner', id: partnerId });
    await expect(refused).rejects.toMatchObject({ cause: { type: 'invalid' } });
    expect(third.data.terms.plan.rules).toEqual([{ kind: 'percentage', basisPoints: 1_100 }]);
    expect(third.data.version).toBe(3);
  });

  it('signs no version but the one on offer', async () => {
    const partnerId = await world.invite({ answers: ANSWERS });
    await world.decide('application.decision', partnerId, 'approve', 'manager');
    const data = { signatoryName: 'Ada', acceptedVersion: 1, acceptedHash: 'another' };
    const signing = world.decide('contract.signature', partnerId, 'sign', 'partner', { data });
    await expect(signing).rejects.toMatchObject({ cause: { type: 'conflict' } });
  });

  it('is declined with a reason, and applies again under the same id in a new round', async () => {
    const partnerId = await world.invite({ answers: ANSWERS });
    const without = world.decide('application.decision', partnerId, 'decline', 'manager');
    await expect(without).rejects.toMatchObject({ cause: { type: 'invalid' } });
    const data = { reapplyAfter: new Date().toISOString() };
    await world.decide('application.decision', partnerId, 'decline', 'manager', { reason: 'No fit.', data });
    await world.untilStatus(partnerId, 'declined');

    expect(await world.change(partnerId, 'reapply', 'partner')).toEqual({ status: 'surveying' });
    await world.decide('partner.survey', partnerId, 'answered', 'partner', { data: { answers: ANSWERS } });
    await world.openTask('application.decision', partnerId);
    const [row] = await world.rows('select round, status_reason from partner where id = $1', [partnerId]);
    expect(row.round).toBe(2);
  });

  it('fails the quiz, and the task opens again', async () => {
    const partnerId = await world.invite({ answers: ANSWERS });
    await world.decide('application.decision', partnerId, 'approve', 'manager');
    await world.decide('contract.signature', partnerId, 'sign', 'partner', world.signed);
    await world.decide('contract.countersignature', partnerId, 'sign', 'legal', world.signed);
    await world.train(partnerId, { disclosure: 'end', link: 'home', refund: 'kept' });
    const again = await world.openTask('enablement.training', partnerId, (task) => task.data.attempt === 2);
    expect(again.data.questions[0].correct).toBeUndefined();
    await world.train(partnerId);
    await world.untilStatus(partnerId, 'active');
  });

  it('gives details that finance rejects, then others that it verifies', async () => {
    const partnerId = await world.activate();
    const details = (account: string) => ({
      data: { method: 'sandbox', accountHolder: 'Mira', account, taxCountry: 'DE' },
    });
    await world.decide('enablement.payout-details', partnerId, 'submitted', 'partner', details('one'));
    await world.decide('payout-details.verification', partnerId, 'reject', 'finance', { reason: 'Wrong name.' });
    await world.decide('enablement.payout-details', partnerId, 'submitted', 'partner', details('two'));
    await world.decide('payout-details.verification', partnerId, 'verify', 'finance');
    const rows = () =>
      world.rows('select account, state from payout_details where partner_id = $1 order by account', [partnerId]);
    await eventually(async () =>
      expect(await rows()).toEqual([
        { account: 'one', state: 'rejected' },
        { account: 'two', state: 'verified' },
      ]),
    );
  });

  it('is paused, resumed and ended with a short last window', async () => {
    const partnerId = await world.activate();
    expect(await world.change(partnerId, 'pause')).toEqual({ status: 'paused' });
    await expect(world.change(partnerId, 'pause')).rejects.toMatchObject({ cause: { type: 'illegal-transition' } });
    expect(await world.change(partnerId, 'resume')).toEqual({ status: 'active' });
    expect(await world.change(partnerId, 'end')).toEqual({ status: 'ended' });
    const facts = await world.rows('select kind from contract_fact where partner_id = $1 order by at', [partnerId]);
    const windows = await world.rows('select no, is_final from attribution_window where partner_id = $1', [partnerId]);
    expect(facts).toEqual([{ kind: 'in-force' }, { kind: 'ended' }]);
    expect(windows).toEqual([{ no: 1, is_final: true }]);
  });

  it('withdraws, and what it was waiting for is cancelled', async () => {
    const partnerId = await world.invite();
    await world.openTask('partner.survey', partnerId);
    await world.change(partnerId, 'withdraw', 'partner');
    const tasks = await world.rows('select state from task where partner_id = $1', [partnerId]);
    expect(tasks).toEqual([{ state: 'cancelled' }]);
  });

  it('is told of a twin by external id', async () => {
    const first = await world.invite({ externalId: 'crm-1' });
    await expect(world.invite({ externalId: 'crm-1' })).rejects.toMatchObject({
      cause: { type: 'duplicate', details: [{ existingId: first }] },
    });
  });
});
