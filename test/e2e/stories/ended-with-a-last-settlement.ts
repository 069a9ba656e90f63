import { expect } from '@jest/globals';
import { activatePartner, waitForStatus } from '../../../demo/steps/partner.ts';
import { creditsOf, sell } from '../../../demo/steps/sale.ts';
import { waitFor } from '../../../demo/steps/wait.ts';
import type { World } from '../world.ts';
import { approveEverything } from './creators-year.ts';

/** Ended in the middle of a long window under a high minimum: the last statement closes it and pays in full; later sales earn nothing. */
export async function endedWithALastSettlement(world: World): Promise<void> {
  const team = await world.program('The end', (settings) => ({
    ...settings,
    calendar: { period: 'PT600S', lockAfter: 'PT1S', payAfter: 'PT1S' },
    thresholds: { ...settings.thresholds, minimumPayoutMinor: 1_000_000 },
  }));
  const partner = await activatePartner(team, {
    name: 'Edda End',
    email: 'edda@end.example',
    type: 'creator',
    country: 'DE',
    currency: 'EUR',
  });
  const approving = approveEverything(team);
  const path = [{ channel: 'video', partnerId: partner.id }];
  await creditsOf(team, await sell(team, { externalId: 'last', minor: 12_340, path }));

  await team.manager.post(`/v1/partners/${partner.id}/end`, { reason: 'The programme moves on.' });
  await waitForStatus(team, partner, 'ended');
  const payout = await waitFor(
    'the last payout',
    async () => {
      const { items } = await team.finance.get(`/v1/payouts?partnerId=${partner.id}`);
      return items.find((one: any) => one.state === 'paid');
    },
    { timeoutMs: 90_000 },
  );
  approving.stop();
  expect(payout.amount).toEqual({ minor: 1_234, currency: 'EUR' });
  const timeline = await team.manager.get(`/v1/partners/${partner.id}/timeline?limit=200`);
  expect(timeline.items.map((line: any) => line.text)).toContain('12.34 EUR were paid.');

  const after = await sell(team, { externalId: 'too-late', minor: 50_000, path });
  const credits = await creditsOf(team, after);
  expect(credits.map((credit) => credit.beneficiary.kind)).not.toContain('partner');
  const { touchpoints } = await team.manager.get(`/v1/conversions/${after.id}`);
  expect(touchpoints.map((touchpoint: any) => touchpoint.reason)).toEqual(['contract-not-in-force']);
}
