import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { Programme } from './programme.ts';
import { MoneyStage } from './stage.ts';

let stage: MoneyStage;

beforeAll(async () => {
  stage = await MoneyStage.open();
}, 120_000);
afterAll(() => stage.close());

/** The summaries that Temporal's own UI shows beside the steps of a run. */
const stepsOf = async (workflowId: string): Promise<unknown[]> => {
  const { events } = await stage.environment.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? [])
    .filter((event) => event.activityTaskScheduledEventAttributes)
    .map(({ userMetadata }) => userMetadata?.summary && defaultPayloadConverter.fromPayload(userMetadata.summary));
};

describe('the settlement of a window', () => {
  it('locks, states, asks two persons, sends once, and books every step', async () => {
    const acme = await Programme.open(stage);
    const partnerId = await acme.partner();
    await acme.sold(partnerId, 'order-1', 10_000);
    const [finn, freya] = [await acme.person('finance', 0), await acme.person('finance', 1)];

    const settlement = await acme.settle(partnerId);
    await acme.decide('settlement.approval', 'approve', { by: finn });
    const release = await acme.task('payout.release');
    await expect(acme.complete(release, 'release', { by: finn })).rejects.toThrow();
    await acme.complete(release, 'release', { by: freya });
    const payout = await acme.paidOut(partnerId, 'paid', '6 hours');
    await stage.environment.client.workflow.getHandle(settlement).result();

    expect(payout).toMatchObject({ amount_minor: 1_000, moved_minor: 1_000 });
    expect(await acme.sent(partnerId)).toEqual(['paid 1000']);
    const accounts = ['pending', 'locked', 'payable'].map((name) => acme.balance(name, partnerId));
    expect(await Promise.all([...accounts, acme.balance('bank'), acme.balance('payout-clearing')])).toEqual([
      0, 0, 0, 1_000, 0,
    ]);
    const [invoice] = await acme.rows('select kind, number, gross_minor, document_id from invoice');
    expect(invoice).toMatchObject({ kind: 'self-billed', number: 1, gross_minor: 1_000 });
    const [document] = await acme.rows<{ head: string }>(
      `select convert_from(substring(bytes from 1 for 5), 'UTF8') as head from document where id = $1`,
      [invoice!.document_id],
    );
    expect(document?.head).toBe('%PDF-');
    expect(await stepsOf(settlement)).toEqual(
      expect.arrayContaining([
        'Lock the window: what it earned is payable from here on',
        'Draw the statement',
        'Ask a person: settlement.approval',
        'The statement is approved by the first person',
        'Issue the invoice with the next number',
        'Start the payout',
      ]),
    );
  });

  it('states a sale whose refund came before it as what remained', async () => {
    const acme = await Programme.open(stage);
    const partnerId = await acme.partner();
    const [finn, freya] = [await acme.person('finance', 0), await acme.person('finance', 1)];
    await acme.refund('refund-1', 'order-1', 3_000, { occurredAt: acme.daysAgo(1) });
    await acme.refund('refund-2', 'order-2', null, { occurredAt: acme.daysAgo(1) });
    await acme.drain();
    await acme.sold(partnerId, 'order-1', 10_000);
    await acme.sold(partnerId, 'order-2', 5_000);

    await acme.settle(partnerId);
    const approval = await acme.task('settlement.approval');
    await acme.complete(approval, 'approve', { by: finn });
    await acme.decide('payout.release', 'release', { by: freya });
    await acme.paidOut(partnerId, 'paid', '6 hours');

    expect(await acme.sent(partnerId)).toEqual(['paid 700']);
    const [statement] = await acme.rows<{ net_minor: number }>(
      'select net_minor from statement where partner_id = $1',
      [partnerId],
    );
    expect(statement).toEqual({ net_minor: 700 });
    expect(await acme.rows('select kind, amount_minor from commission where amount_minor <> 0')).toEqual([
      { kind: 'earned', amount_minor: 700 },
    ]);
  });
});
