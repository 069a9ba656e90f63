import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPayoutDetailsActivities } from '../../../activities/payout-details.ts';
import { insertPayoutDetails } from '../../../db/queries/payout-details.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { defaultSettings } from '../../../domain/program/settings.ts';
import { partnerReady } from '../../../workflows/messages.ts';
import { tenPercent } from '../../support/ground.ts';
import { DAY_MS, MoneyStage } from './stage.ts';
import { Programme } from './programme.ts';

let stage: MoneyStage;

beforeAll(async () => {
  stage = await MoneyStage.open();
}, 120_000);
afterAll(() => stage.close());

const finance = async (acme: Programme) => [await acme.person('finance', 0), await acme.person('finance', 1)] as const;

async function toRelease(acme: Programme, partnerId: string) {
  const [finn, freya] = await finance(acme);
  const settlement = await acme.settle(partnerId);
  await acme.decide('settlement.approval', 'approve', { by: finn });
  const release = await acme.task('payout.release');
  return { settlement, release, finn, freya };
}

const events = async (acme: Programme, kind: string) =>
  (
    await acme.rows<{ data: Record<string, unknown> }>('select data from event where kind = $1 order by at', [kind])
  ).map(({ data }) => data);

describe('money', () => {
  it('is never approved by default: a statement that nobody decides is held, and asked about again', async () => {
    const acme = await Programme.open(stage);
    const partnerId = await acme.partner();
    await acme.sold(partnerId, 'order-1', 10_000);
    await acme.settle(partnerId);

    const first = await acme.task('settlement.approval', '1 day');
    const second = await acme.task('settlement.approval', '1 day', [first.id]);

    const [decided] = await acme.rows('select outcome, decided_by_kind from task where id = $1', [first.id]);
    expect(decided).toEqual({ outcome: 'hold', decided_by_kind: 'rule' });
    expect(second.subject_id).toBe(first.subject_id);
    expect(await acme.payouts(partnerId)).toEqual([]);
  });

  it('is never released by default, and waits until the second person decides', async () => {
    const acme = await Programme.open(stage);
    const partnerId = await acme.partner();
    await acme.sold(partnerId, 'order-1', 10_000);
    const { release, freya } = await toRelease(acme, partnerId);

    const again = await acme.task('payout.release', '1 day', [release.id]);
    expect((await acme.payouts(partnerId))[0]?.state).toBe('approved');
    await acme.complete(again, 'release', { by: freya });
    await acme.paidOut(partnerId, 'paid', '1 day');

    expect(await acme.sent(partnerId)).toEqual(['paid 1000']);
  });

  it('that a person holds waits until the date that they name, at both steps, and goes on by another decision', async () => {
    const acme = await Programme.open(stage);
    const partnerId = await acme.partner();
    await acme.sold(partnerId, 'order-1', 10_000);
    const [finn, freya] = await finance(acme);
    await acme.settle(partnerId);
    const inDays = async (days: number) => new Date(Date.parse(await stage.now()) + days * DAY_MS).toISOString();
    const openedAt = async ({ id }: { id: string }) =>
      Date.parse((await acme.rows<{ at: string }>('select opened_at as at from task where id = $1', [id]))[0]!.at);

    const approval = await acme.task('settlement.approval');
    const first = { owner: freya, until: await inDays(40) };
    await acme.complete(approval, 'hold', { by: finn, data: first });
    const approvalAgain = await acme.task('settlement.approval', '1 day', [approval.id]);
    expect(await openedAt(approvalAgain)).toBeGreaterThanOrEqual(Date.parse(first.until));
    expect(await events(acme, 'statement.held')).toEqual([first]);
    expect(await acme.payouts(partnerId)).toEqual([]);
    expect(await acme.rows('select state, note from statement')).toEqual([{ state: 'held', note: 'Because.' }]);

    await acme.complete(approvalAgain, 'approve', { by: finn });
    const release = await acme.task('payout.release');
    const second = { owner: finn, until: await inDays(20) };
    await acme.complete(release, 'hold', { by: freya, data: second });
    const releaseAgain = await acme.task('payout.release', '1 day', [release.id]);
    expect(await openedAt(releaseAgain)).toBeGreaterThanOrEqual(Date.parse(second.until));
    expect(await events(acme, 'payout.held')).toEqual([expect.objectContaining(second)]);
    expect(await acme.sent(partnerId)).toEqual([]);

    await acme.complete(releaseAgain, 'release', { by: freya });
    await acme.paidOut(partnerId, 'paid', '1 day');
    expect(await acme.sent(partnerId)).toEqual(['paid 1000']);
  });

  it('waits for payout details: the statement is approved before the partner gave any', async () => {
    const acme = await Programme.open(stage);
    const partnerId = await acme.partner({ account: null });
    await acme.sold(partnerId, 'order-1', 10_000);
    const [finn, freya] = await finance(acme);
    const settlement = await acme.settle(partnerId);
    await acme.decide('settlement.approval', 'approve', { by: finn });
    await acme.until('the wait', async () => (await events(acme, 'statement.waiting')).length > 0, '1 minute');
    expect(await events(acme, 'statement.waiting')).toEqual([{ waitingFor: 'details' }]);

    await acme.verifiedDetails(partnerId, 'acct-9');
    await stage.environment.client.workflow.getHandle(settlement).signal(partnerReady);
    await acme.decide('payout.release', 'release', { by: freya, step: '1 minute' });
    await acme.paidOut(partnerId, 'paid', '12 hours');

    expect(await acme.sent(partnerId)).toEqual(['paid 1000']);
  });

  it('is approved anew when the payout details change between the two persons, and waits out the hold', async () => {
    const acme = await Programme.open(stage);
    const partnerId = await acme.partner();
    await acme.sold(partnerId, 'order-1', 10_000);
    const { release, settlement, finn, freya } = await toRelease(acme, partnerId);
    const at = await stage.now();
    const details = { method: 'sandbox' as const, accountHolder: 'Ada', account: 'acct-2', taxCountry: 'DE' };
    const detailsId = await inTransaction(stage.pool, acme.programId, (tx) =>
      insertPayoutDetails(tx, partnerId, details, { hash: 'h2', at }),
    );
    const { verifyPayoutDetails } = createPayoutDetailsActivities({ pool: stage.pool } as never);
    await verifyPayoutDetails({ programId: acme.programId, detailsId, by: { kind: 'person', id: finn }, at });
    const { workflow } = stage.environment.client;
    await Promise.all([release.workflow_id, settlement].map((id) => workflow.getHandle(id).signal(partnerReady)));

    const approval = await acme.decide('settlement.approval', 'approve', { by: freya, step: '1 minute' });
    await acme.decide('payout.release', 'release', { by: finn, step: '1 minute' });
    await acme.paidOut(partnerId, 'paid', '6 hours');

    expect(approval.subject_id).toMatch(/^stm_/);
    expect((await acme.rows('select state from task where id = $1', [release.id]))[0]).toEqual({ state: 'cancelled' });
    expect((await acme.payouts(partnerId)).map(({ state }) => state)).toEqual(['cancelled', 'paid']);
    const [held] = await acme.rows<{ waited: boolean }>(
      `select p.released_at >= d.hold_until as waited from payout p join payout_details d on d.id = p.details_id where p.state = 'paid'`,
    );
    expect(held?.waited).toBe(true);
  });

  it('is drawn anew with less when a refund comes while the second person thinks', async () => {
    const acme = await Programme.open(stage);
    const partnerId = await acme.partner();
    await acme.sold(partnerId, 'order-1', 10_000);
    const { release, finn, freya } = await toRelease(acme, partnerId);
    await acme.refund('refund-1', 'order-1', 4_000);
    await acme.drain();

    await acme.complete(release, 'release', { by: freya });
    await acme.decide('settlement.approval', 'approve', { by: finn, step: '12 hours' });
    await acme.decide('payout.release', 'release', { by: freya, step: '1 minute' });
    await acme.paidOut(partnerId, 'paid', '6 hours');

    expect(await acme.sent(partnerId)).toEqual(['paid 600']);
    expect(await acme.balance('payable', partnerId)).toBe(0);
  });

  it('waits while the partner is paused', async () => {
    const acme = await Programme.open(stage);
    const partnerId = await acme.partner();
    await acme.sold(partnerId, 'order-1', 10_000);
    const { release, freya } = await toRelease(acme, partnerId);
    await acme.rows(`update partner set status = 'paused' where id = $1`, [partnerId]);

    await acme.complete(release, 'release', { by: freya });
    await stage.environment.sleep('60 days');
    expect((await acme.payouts(partnerId))[0]?.state).toBe('approved');
    await acme.rows(`update partner set status = 'active' where id = $1`, [partnerId]);
    await stage.environment.client.workflow.getHandle(release.workflow_id).signal(partnerReady);
    await acme.paidOut(partnerId, 'paid', '1 minute');

    expect(await acme.sent(partnerId)).toEqual(['paid 1000']);
  });

  it('needs a third person above the threshold', async () => {
    const settings = defaultSettings();
    settings.thresholds.extraApprovers = [{ fromMinor: 1_000, approvers: 1 }];
    const acme = await Programme.open(stage, settings);
    const partnerId = await acme.partner();
    await acme.sold(partnerId, 'order-1', 10_000);
    const { release, finn, freya } = await toRelease(acme, partnerId);
    const third = await acme.person('owner');
    await acme.rows(`insert into membership (program_id, person_id, role) values ($1, $2, 'finance')`, [
      acme.programId,
      third,
    ]);

    await acme.complete(release, 'release', { by: freya });
    const second = await acme.task('payout.release', '1 minute', [release.id]);
    for (const by of [finn, freya]) await expect(acme.complete(second, 'release', { by })).rejects.toThrow();
    await acme.complete(second, 'release', { by: third });
    await acme.paidOut(partnerId, 'paid', '12 hours');

    expect(await acme.sent(partnerId)).toEqual(['paid 1000']);
  });

  it('opens no task for a window without anything in it', async () => {
    const acme = await Programme.open(stage);
    const partnerId = await acme.partner();

    const settlement = await acme.settle(partnerId);
    await stage.environment.client.workflow.getHandle(settlement).result();

    expect(await acme.rows('select kind from task')).toEqual([]);
    expect(await acme.rows('select state from statement')).toEqual([{ state: 'empty' }]);
  });

  it('carries what is below the minimum, documents it once, and pays it with the next window', async () => {
    const acme = await Programme.open(stage);
    const terms = { ...tenPercent(), minimumPayout: { minor: 2_000, currency: 'EUR' } };
    const partnerId = await acme.partner({ terms });
    await acme.sold(partnerId, 'order-1', 10_000);
    const [finn, freya] = await finance(acme);
    const first = await acme.settle(partnerId);
    await acme.decide('settlement.approval', 'approve', { by: finn });
    await stage.environment.client.workflow.getHandle(first).result();
    expect((await acme.rows('select state, amount_minor, carry_out_minor from statement'))[0]).toEqual({
      state: 'carried',
      amount_minor: 0,
      carry_out_minor: 1_000,
    });

    // Received after the first window's lock, so the next one pays it.
    await acme.sold(partnerId, 'order-2', 15_000);
    await acme.settle(partnerId, 2);
    await acme.decide('settlement.approval', 'approve', { by: finn });
    await acme.decide('payout.release', 'release', { by: freya });
    await acme.paidOut(partnerId, 'paid', '6 hours');

    expect(await acme.sent(partnerId)).toEqual(['paid 2500']);
    expect(
      (await acme.rows('select number, gross_minor from invoice order by number')).map(
        ({ gross_minor }) => gross_minor,
      ),
    ).toEqual([1_000, 1_500]);
  });
});
