import { expect } from '@jest/globals';
import { activatePartner } from '../../../demo/steps/partner.ts';
import { creditsOf, sell } from '../../../demo/steps/sale.ts';
import { decide } from '../../../demo/steps/task.ts';
import { waitFor } from '../../../demo/steps/wait.ts';
import { QUICK_CALENDAR, withCalendar } from '../world.ts';
import type { World } from '../world.ts';
import { approveEverything } from './creators-year.ts';

const POLICY = {
  name: 'Partners first',
  conversionTypes: ['*'],
  model: { kind: 'time-decay', halfLife: 'P7D' },
  exclusions: [{ channel: 'system_email', mode: 'unless-only' }],
  transforms: [],
  multipliers: [{ beneficiary: 'partner', factor: 1.5 }],
  lookback: { default: 'P30D', byKind: {}, byChannel: {} },
};

/** A paid window, a complaint, another rule: the difference is owed for the paid window, paid in the next, and linked to the complaint. */
export async function complaintPaysTheDifference(world: World): Promise<void> {
  const from = new Date().toISOString();
  const team = await world.program('Complaint', withCalendar(QUICK_CALENDAR));
  const creator = await activatePartner(team, {
    name: 'Mira',
    email: 'mira@complaint.example',
    type: 'creator',
    country: 'DE',
    currency: 'EUR',
    language: 'de',
  });
  const approving = approveEverything(team);
  const touch = { channel: 'video', partnerId: creator.id };
  const own = await sell(team, { externalId: 'own', minor: 10_000, path: [touch] });
  const taken = await sell(team, { externalId: 'taken', minor: 30_000, path: [touch, { channel: 'system_email' }] });
  for (const sale of [own, taken]) await creditsOf(team, sale);
  await waitFor('the first payout', async () => (await paid()).length === 1, { timeoutMs: 90_000 });
  expect((await paid())[0].amount.minor).toBe(1_000);

  const feedback = await creator.api.post(`/v1/partners/${creator.id}/feedback`, {
    kind: 'attribution',
    message: 'Your mail takes my credit.',
    conversionExternalId: 'taken',
  });
  const policy = await team.manager.post('/v1/attribution/policies', POLICY);
  await decide(team.manager, 'feedback.triage', { subjectId: feedback.id }, 'review-policy', {
    reason: 'True.',
    data: { message: 'We look at it.', policyId: policy.id },
  });
  const { id: studyId } = await team.manager.post(`/v1/attribution/policies/${policy.id}/studies`, {
    from,
    to: new Date().toISOString(),
  });
  const study = await waitFor('the study', async () => {
    const view = await team.manager.get(`/v1/attribution/studies/${studyId}`);
    return view.state === 'done' && view;
  });
  const gain = study.lines.find((line: any) => line.beneficiary.id === creator.id);
  expect(gain.difference.minor).toBe(3_000);

  await team.manager.post(`/v1/attribution/policies/${policy.id}/submit`, {
    effectiveFrom: new Date().toISOString(),
    reevaluateFrom: from,
    downward: 'waive',
    feedbackId: feedback.id,
    reason: 'The mail reminds, it does not convince.',
  });
  await decide(team.secondManager, 'policy.approval', { subjectId: policy.id }, 'approve', { reason: 'Clear.' });
  await decide(team.finance, 'policy.approval', { subjectId: policy.id }, 'approve', { reason: 'Within budget.' });
  await waitFor('the difference to be paid', async () => (await paid()).length === 2, { timeoutMs: 120_000 });
  approving.stop();

  expect((await paid()).map((payout) => payout.amount.minor).sort((a, b) => a - b)).toEqual([1_000, 3_000]);
  const view = await waitFor('the case to be closed', async () => {
    const one = await creator.api.get(`/v1/feedback/${feedback.id}`);
    return one.links.adjustments.length > 0 && one.state !== 'policy_review' && one;
  });
  expect(view.links).toMatchObject({ policyId: policy.id });
  const rows = await Promise.all(view.links.adjustments.map((id: string) => team.manager.get(`/v1/commissions/${id}`)));
  expect(rows.map((row: any) => [row.kind, row.partnerId, row.amount.minor])).toEqual([
    ['adjustment', creator.id, 3_000],
  ]);
  const conversion = await team.manager.get(`/v1/conversions/${taken.id}`);
  expect(conversion.credits.map((credit: any) => [credit.beneficiary.id, credit.share])).toEqual([[creator.id, 1]]);
  await waitFor('the mail that tells the partner', async () =>
    (await world.mailsTo(creator.email)).some((mail) => mail.text.includes('30,00')),
  );

  async function paid(): Promise<any[]> {
    const { items } = await team.finance.get(`/v1/payouts?partnerId=${creator.id}`);
    return items.filter((payout: any) => payout.state === 'paid');
  }
}
