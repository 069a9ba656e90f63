import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startTestPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { startTimeSkipping } from '../../support/time-skipping.ts';
import { eventually } from '../../support/eventually.ts';
import { World } from './world.ts';

let postgres: TestPostgres;
let environment: TestWorkflowEnvironment;
let world: World;

beforeAll(async () => {
  [postgres, environment] = await Promise.all([startTestPostgres(), startTimeSkipping()]);
  const { client, nativeConnection } = environment;
  world = await new World({ client, nativeConnection, prefix: '' }, postgres).start(['journeys', 'money']);
  await world.rows(`update contract_template set terms = terms || '{"expires": "P45D"}'`);
});
afterAll(async () => {
  await world.stop();
  await environment.teardown();
  await postgres.stop();
});

/** Instants of the contract's facts: the in-force ones first. */
async function facts(partnerId: string): Promise<{ kind: string; at: Date }[]> {
  return world.rows('select kind, at from contract_fact where partner_id = $1 order by kind desc, version', [
    partnerId,
  ]);
}

/** The end of the day that lies so many days after the one of `start`, in the zone of a partner in Germany. */
async function dayEnd(start: Date, days: number): Promise<string> {
  const [{ at }] = await world.rows(
    `select (date_trunc('day', $1::timestamptz at time zone 'Europe/Berlin') + make_interval(days => $2)) at time zone 'Europe/Berlin' as at`,
    [start, days + 1],
  );
  return at.toISOString();
}

const openKinds = async (partnerId: string) =>
  (await world.rows(`select kind from task where partner_id = $1 and state = 'open'`, [partnerId])).map(
    ({ kind }) => kind,
  );

describe('a contract with a term', () => {
  it('ends when it is over as a person would have ended it, with the last settlement and the partner told', async () => {
    const partnerId = await world.activate();
    expect(await openKinds(partnerId)).toContain('enablement.payout-details');
    await environment.sleep('44 days');
    expect(await world.status(partnerId)).toBe('active');

    await environment.sleep('3 days');
    await world.untilStatus(partnerId, 'ended');
    const [begun, ended] = await facts(partnerId);
    expect(ended).toMatchObject({ kind: 'ended' });
    expect(ended!.at.toISOString()).toBe(await dayEnd(begun!.at, 45));
    const windows = await world.rows(
      'select to_at, is_final as "isFinal" from attribution_window where partner_id = $1 order by no desc',
      [partnerId],
    );
    expect(windows[0]).toEqual({ to_at: ended!.at, isFinal: true });
    await eventually(() =>
      environment.client.workflow.getHandle(`settlement/${partnerId}/${windows.length}`).describe(),
    );
    await eventually(async () => expect(await openKinds(partnerId)).toEqual([]));

    const [partner] = await world.rows('select status_reason from partner where id = $1', [partnerId]);
    expect(partner).toEqual({ status_reason: 'The contract expired.' });
    const mails = await world.rows(
      `select data from mail_outbox where partner_id = $1 and template = 'partner-ended'`,
      [partnerId],
    );
    expect(mails).toEqual([{ data: { expiredAt: ended!.at.toISOString() } }]);
    const events = await world.rows(
      `select kind, actor_kind from event where partner_id = $1 and kind in ('contract.term-over', 'contract.ended', 'partner.ended')`,
      [partnerId],
    );
    expect(events.map(({ kind }) => kind).sort()).toEqual(['contract.ended', 'contract.term-over', 'partner.ended']);
    expect(await world.change(partnerId, 'reapply')).toEqual({ status: 'surveying' });
  });

  it('ends for a partner that is paused, and after the journey continued as new', async () => {
    const partnerId = await world.activate({ eventsPerRun: 60 });
    await world.change(partnerId, 'pause');
    await environment.sleep('47 days');
    await world.untilStatus(partnerId, 'ended');
    const [{ runs }] = await world.rows('select count(*)::int as runs from workflow_run where subject_id = $1', [
      partnerId,
    ]);
    expect(runs).toBeGreaterThan(1);
  });

  it('that an amendment makes longer ends at the new time, and one that takes the term out never', async () => {
    const longer = await world.activate();
    const endless = await world.activate();
    const soon = new Date(await environment.currentTimeMs()).toISOString();
    await world.amend(longer, 'propose', { expires: 'P90D' }, soon);
    await world.decide('contract.amendment', longer, 'accept', 'partner');
    await world.amend(endless, 'replace', { expires: null }, soon);
    await environment.sleep('80 days');
    expect(await Promise.all([longer, endless].map((id) => world.status(id)))).toEqual(['active', 'active']);

    await environment.sleep('12 days');
    await world.untilStatus(longer, 'ended');
    const [begun, , ended] = await facts(longer);
    expect(ended!.at.toISOString()).toBe(await dayEnd(begun!.at, 90));
    expect(await world.status(endless)).toBe('active');
  });

  it('that an amendment makes shorter than what has passed ends at once', async () => {
    const partnerId = await world.activate();
    await environment.sleep('20 days');
    const soon = new Date(await environment.currentTimeMs()).toISOString();
    await world.amend(partnerId, 'replace', { expires: 'P7D' }, soon);
    await world.untilStatus(partnerId, 'ended');
    const [, second, ended] = await facts(partnerId);
    expect(ended!.at).toEqual(second!.at);
  });
});
