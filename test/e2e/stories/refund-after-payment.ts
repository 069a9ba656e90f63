import { expect } from '@jest/globals';
import { activatePartner } from '../../../demo/steps/partner.ts';
import { creditsOf, refund, sell } from '../../../demo/steps/sale.ts';
import { waitFor } from '../../../demo/steps/wait.ts';
import { QUICK_CALENDAR, withCalendar } from '../world.ts';
import type { World } from '../world.ts';
import { approveEverything } from './creators-year.ts';

/** Paid, then given back: the paid row stays, a new negative one nets with the next sale, and the bank agrees. */
export async function refundAfterPayment(world: World): Promise<void> {
  const team = await world.program('Refund', withCalendar(QUICK_CALENDAR));
  const partner = await activatePartner(team, {
    name: 'Rosa Refund',
    email: 'rosa@refund.example',
    type: 'creator',
    country: 'DE',
    currency: 'EUR',
  });
  const approving = approveEverything(team);
  const path = [{ channel: 'video', partnerId: partner.id }];
  const first = await sell(team, { externalId: 'first', minor: 49_000, path });
  await creditsOf(team, first);
  await waitFor('the first payout', async () => (await paidOut()).length === 1, { timeoutMs: 90_000 });

  await refund(team, first, 'first-back');
  const rows = await waitFor('the row of the refund', async () => {
    const { items } = await team.manager.get(`/v1/commissions?conversionId=${first.id}`);
    return items.length === 2 && items;
  });
  expect(rows.map((row: any) => [row.kind, row.amount.minor]).sort()).toEqual([
    ['earned', 4_900],
    ['refund', -4_900],
  ]);
  expect(rows.find((row: any) => row.kind === 'earned').state).toBe('paid');

  await refund(team, first, 'first-back-again');
  const { refunds } = await waitFor('the second refund to be refused', async () => {
    const view = await team.manager.get(`/v1/conversions/${first.id}`);
    return view.refunds.length === 2 && view.refunds.every((one: any) => one.state !== 'waiting') && view;
  });
  expect(refunds.map((one: any) => one.state).sort()).toEqual(['applied', 'refused']);

  const second = await sell(team, { externalId: 'second', minor: 80_000, path });
  await creditsOf(team, second);
  await waitFor('the second payout', async () => (await paidOut()).length === 2, { timeoutMs: 90_000 });
  approving.stop();
  expect((await paidOut()).map((payout) => payout.amount.minor).sort((a, b) => a - b)).toEqual([3_100, 4_900]);

  async function paidOut(): Promise<any[]> {
    const { items } = await team.finance.get(`/v1/payouts?partnerId=${partner.id}`);
    return items.filter((payout: any) => payout.state === 'paid');
  }
}
