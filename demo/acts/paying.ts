import { showMoney } from '../narrator.ts';
import type { Partner } from '../steps/partner.ts';
import { decide } from '../steps/task.ts';
import { waitFor } from '../steps/wait.ts';
import type { World } from '../world.ts';

/** A window closes and locks, a statement is drawn, two persons let the money go, and the provider's book shows it. */
export async function payPartner(world: World, partner: Partner): Promise<string> {
  const { team, tell } = world;
  const approval = await decide(team.finance, 'settlement.approval', { partnerId: partner.id }, 'approve');
  tell.say(
    `${partner.name}: the window closed and locked, the statement says ${showMoney(approval.data.amount)}. Finance approves.`,
  );
  const { data } = await decide(team.secondFinance, 'payout.release', { partnerId: partner.id }, 'release');
  await waitFor(
    'the payout to be paid',
    async () => (await team.finance.get(`/v1/payouts/${data.payoutId}`)).state === 'paid',
    { timeoutMs: 120_000 },
  );
  const book = (await (await fetch(`${team.access.providerUrl}/payments?key=${data.payoutId}`)).json()) as {
    items: any[];
  };
  const [payment] = book.items;
  tell.say(
    `A second person releases it. The payout provider’s own book: ${showMoney(payment.amount)} to ${payment.account}, ${payment.state}.`,
  );
  return data.payoutId;
}
