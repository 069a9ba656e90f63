import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { briefActivated } from '../../../workflows/messages.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { eventually } from '../../support/eventually.ts';
import { startTimeSkipping } from '../../support/time-skipping.ts';
import { ANSWERS, World } from './world.ts';

let postgres: TestPostgres;
let environment: TestWorkflowEnvironment;
let world: World;

beforeAll(async () => {
  [postgres, environment] = await Promise.all([startTestPostgres(), startTimeSkipping()]);
  const { client, nativeConnection } = environment;
  world = await new World({ client, nativeConnection, prefix: '' }, postgres).start(['journeys', 'money']);
});
afterAll(async () => {
  await world.stop();
  await environment.teardown();
  await postgres.stop();
});

const expectStatus = (partnerId: string, status: string) => world.untilStatus(partnerId, status);
const answered = { data: { answers: ANSWERS } };

describe('a partner that is waited for', () => {
  it('expires, and its late answer still counts within 90 days', async () => {
    const partnerId = await world.invite();
    await world.openTask('partner.survey', partnerId);
    await environment.sleep('15 days');
    await expectStatus(partnerId, 'expired');
    await environment.sleep('60 days');
    await world.decide('partner.survey', partnerId, 'answered', 'partner', answered);
    await expectStatus(partnerId, 'screening');
  });

  it('is asked again when a manager reopens it after 90 days of silence', async () => {
    const partnerId = await world.invite();
    await world.openTask('partner.survey', partnerId);
    await environment.sleep('120 days');
    const silent = await world.rows(`select state from task where partner_id = $1`, [partnerId]);
    expect(silent).toEqual([{ state: 'expired' }, { state: 'expired' }]);
    expect(await world.change(partnerId, 'reopen')).toEqual({ status: 'surveying' });
    await world.decide('partner.survey', partnerId, 'answered', 'partner', answered);
    await expectStatus(partnerId, 'screening');
  });

  it('is put on the waiting list when nobody decides, comes back with a new brief, and is declined after a year', async () => {
    const partnerId = await world.invite({ answers: ANSWERS });
    await world.openTask('application.decision', partnerId);
    await environment.sleep('11 days');
    await expectStatus(partnerId, 'waitlisted');
    await environment.client.workflow.getHandle(`partner/${partnerId}`).signal(briefActivated, { briefId: 'brf_1' });
    await expectStatus(partnerId, 'screening');
    await world.openTask('application.decision', partnerId);
    await environment.sleep('400 days');
    await expectStatus(partnerId, 'declined');
  });

  it('is looked at by a person after three reminders, extended, and ended', async () => {
    const partnerId = await world.invite({ answers: ANSWERS });
    await world.decide('application.decision', partnerId, 'approve', 'manager');
    await world.decide('contract.signature', partnerId, 'sign', 'partner', world.signed);
    await world.decide('contract.countersignature', partnerId, 'sign', 'legal', world.signed);
    await world.openTask('enablement.training', partnerId);
    await environment.sleep('15 days');
    await world.decide('enablement.stalled', partnerId, 'extend', 'manager');
    await world.openTask('enablement.training', partnerId);
    await environment.sleep('15 days');
    await world.decide('enablement.stalled', partnerId, 'end', 'manager', { reason: 'No answer.' });
    await expectStatus(partnerId, 'ended');
  });

  it('may go on without the training when a person waives it', async () => {
    const partnerId = await world.invite({ answers: ANSWERS });
    await world.decide('application.decision', partnerId, 'approve', 'manager');
    await world.decide('contract.signature', partnerId, 'sign', 'partner', world.signed);
    await world.decide('contract.countersignature', partnerId, 'sign', 'legal', world.signed);
    await world.openTask('enablement.training', partnerId);
    await environment.sleep('15 days');
    await world.decide('enablement.stalled', partnerId, 'waive-training', 'manager');
    await expectStatus(partnerId, 'active');
  });

  it('that does not sign in time expires with its contract', async () => {
    const partnerId = await world.invite({ answers: ANSWERS });
    await world.decide('application.decision', partnerId, 'approve', 'manager');
    await world.openTask('contract.signature', partnerId);
    await environment.sleep('22 days');
    await expectStatus(partnerId, 'expired');
    expect(await world.rows('select state from contract where partner_id = $1', [partnerId])).toEqual([
      { state: 'expired' },
    ]);
  });

  it('withdraws content by not answering, at its revision and at its publication', async () => {
    const partnerId = await world.activate();
    const [revised, approved] = [
      await world.submit(partnerId, { text: 'One' }),
      await world.submit(partnerId, { text: 'Two' }),
    ];
    const reviewOf = (id: string) => world.openTask('content.review', partnerId, ({ data }) => data.contentId === id);
    const reason = 'Say that it is an ad.';
    await world.complete(await reviewOf(revised), 'request-changes', world.person('reviewer'), { reason });
    await world.complete(await reviewOf(approved), 'approve', world.person('reviewer'));
    await world.openTask('content.revision', partnerId);
    await world.openTask('content.publication', partnerId);

    const statesOf = () => world.rows('select id, state from content where partner_id = $1 order by id', [partnerId]);
    await environment.sleep('15 days');
    const later = { id: revised, state: 'withdrawn' };
    await eventually(async () => expect(await statesOf()).toEqual([later, { id: approved, state: 'approved' }]));
    await environment.sleep('16 days');
    await eventually(async () => expect(await statesOf()).toEqual([later, { id: approved, state: 'withdrawn' }]));
    const decided = await world.rows(
      `select kind, outcome, decided_by_kind as by from task where partner_id = $1 and kind in ('content.revision', 'content.publication')
       order by kind`,
      [partnerId],
    );
    expect(decided).toEqual([
      { kind: 'content.publication', outcome: 'withdrawn', by: 'rule' },
      { kind: 'content.revision', outcome: 'withdrawn', by: 'rule' },
    ]);
  });
});
