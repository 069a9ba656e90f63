import { strict as assert } from 'node:assert';
import { activatePartner, waitForStatus } from '../../demo/steps/partner.ts';
import { creditsOf, refund, sell } from '../../demo/steps/sale.ts';
import type { Team } from '../../demo/steps/team.ts';
import { decide } from '../../demo/steps/task.ts';
import { waitFor } from '../../demo/steps/wait.ts';

const PATIENCE = { timeoutMs: 300_000, everyMs: 500 };

/**
 * A partner from the invitation to money in the bank and the end, with one refund before the lock, as somebody lives it whose servers die meanwhile:
 * every request is repeated under its own key until it is answered.
 * @returns the payout's id
 * @throws AssertionError when the money is not 10 % of what remains, or was sent more than once
 */
export async function liveThroughIt(team: Team, seed: number): Promise<string> {
  const partner = await activatePartner(team, {
    name: `Seed ${seed}`,
    email: `seed-${seed}@faults.example`,
    type: 'creator',
    country: 'DE',
    currency: 'EUR',
    externalId: `seed-${seed}`,
  });
  const path = [{ channel: 'video', partnerId: partner.id }];
  const kept = await sell(team, { externalId: `kept-${seed}`, minor: 20_000, path });
  const returned = await sell(team, { externalId: `returned-${seed}`, minor: 10_000, path });
  await refund(team, returned, `refund-${seed}`, 4_000);
  await creditsOf(team, kept);
  await waitFor(
    'the refund',
    async () => (await team.manager.get(`/v1/conversions/${returned.id}`)).remaining.minor === 6_000,
    PATIENCE,
  );

  const paid = new Map<string, number>();
  await waitFor(
    'all of it to be paid',
    async () => {
      await settleWhatIsOpen(team, partner.id);
      const { items } = await team.finance.get(`/v1/payouts?partnerId=${partner.id}`);
      for (const payout of items) if (payout.state === 'paid') paid.set(payout.id, payout.amount.minor);
      return [...paid.values()].reduce((sum, minor) => sum + minor, 0) >= 2_600;
    },
    PATIENCE,
  );
  assert.equal(
    [...paid.values()].reduce((sum, minor) => sum + minor, 0),
    2_600,
  );
  for (const [payoutId, minor] of paid) {
    const response = await fetch(`${team.access.providerUrl}/payments?key=${payoutId}`);
    const { items } = (await response.json()) as { items: { amount: { minor: number } }[] };
    assert.equal(items.length, 1);
    assert.equal(items[0]?.amount.minor, minor);
  }
  await team.manager.post(`/v1/partners/${partner.id}/end`, { reason: 'The story is over.' });
  await waitForStatus(team, partner, 'ended');
  return partner.id;
}

/** Two persons of finance do what is open for this partner, if anything is. */
async function settleWhatIsOpen(team: Team, partnerId: string): Promise<void> {
  const steps = [
    { api: team.finance, kind: 'settlement.approval', outcome: 'approve' },
    { api: team.secondFinance, kind: 'payout.release', outcome: 'release' },
  ];
  for (const { api, kind, outcome } of steps) {
    const { items } = await api.get(`/v1/tasks?state=open&kind=${kind}&partnerId=${partnerId}`);
    if (items.length > 0) await decide(api, kind, { partnerId }, outcome);
  }
}
