import { expect } from '@jest/globals';
import { activatePartner } from '../../../demo/steps/partner.ts';
import { creditsOf, sell } from '../../../demo/steps/sale.ts';
import { decide } from '../../../demo/steps/task.ts';
import type { Team } from '../../../demo/steps/team.ts';
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
  const more = await sell(team, { externalId: 'more', minor: 10_000, path: [touch, { channel: 'system_email' }] });
  for (const sale of [own, taken, more]) await creditsOf(team, sale);
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
  const lineOf = (id: string) => study.lines.find((line: any) => line.beneficiary.id === id);
  expect(lineOf(creator.id)).toMatchObject({ creditBefore: 1, creditAfter: 3, difference: { minor: 4_000 } });
  expect(lineOf(creator.id).fromLateEvidence.minor).toBe(0);
  expect(lineOf('system_email')).toMatchObject({
    creditBefore: 2,
    creditAfter: 0,
    valueBefore: { minor: 40_000 },
    valueAfter: { minor: 0 },
  });
  await expectBothExplanations(team, studyId);

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

  expect((await paid()).map((payout) => payout.amount.minor).sort((a, b) => a - b)).toEqual([1_000, 4_000]);
  const view = await waitFor('the case to be closed', async () => {
    const one = await creator.api.get(`/v1/feedback/${feedback.id}`);
    return one.links.adjustments.length > 0 && one.state !== 'policy_review' && one;
  });
  expect(view.links).toMatchObject({ policyId: policy.id });
  const rows = await Promise.all(view.links.adjustments.map((id: string) => team.manager.get(`/v1/commissions/${id}`)));
  expect(rows.map((row: any) => [row.kind, row.partnerId, row.amount.minor]).sort()).toEqual([
    ['adjustment', creator.id, 1_000],
    ['adjustment', creator.id, 3_000],
  ]);
  const evaluation = await team.manager.get(`/v1/attribution/evaluations/${view.links.evaluationId}`);
  expect(evaluation).toMatchObject({ state: 'done', progress: { phase: 'ended' } });
  const carriedOut = await team.manager.get(`/v1/attribution/studies/${evaluation.studyId}`);
  expect(carriedOut.totals.commission).toEqual(study.totals.commission);
  const conversion = await team.manager.get(`/v1/conversions/${taken.id}`);
  expect(conversion.credits.map((credit: any) => [credit.beneficiary.id, credit.share])).toEqual([[creator.id, 1]]);
  await waitFor('the mail that tells the partner', async () =>
    (await world.mailsTo(creator.email)).some((mail) => mail.text.includes('40,00')),
  );

  async function paid(): Promise<any[]> {
    const { items } = await team.finance.get(`/v1/payouts?partnerId=${creator.id}`);
    return items.filter((payout: any) => payout.state === 'paid');
  }
}

/** The order that changes most: the mail had it as last click, the rule of the draft leaves the mail out, and the windows were settled. */
async function expectBothExplanations(team: Team, studyId: string): Promise<void> {
  const { items } = await team.manager.get(`/v1/attribution/studies/${studyId}/conversions?limit=2`);
  expect(items.map((item: any) => [item.externalId, item.creditMoved, item.commissionMoved])).toEqual([
    ['taken', 1, 3_000],
    ['more', 1, 1_000],
  ]);
  const why = (side: any) => side.touchpoints.map((touch: any) => [touch.channel, touch.weight, touch.reason]);
  expect(why(items[0].before)).toEqual([
    ['video', 0, 'zero-weight'],
    ['system_email', 1, undefined],
  ]);
  expect(why(items[0].after)).toEqual([
    ['video', 1, undefined],
    ['system_email', 0, 'excluded-channel'],
  ]);
  const { items: states } = await team.manager.get(`/v1/attribution/studies/${studyId}/breakdown?groupBy=windowState`);
  const gained = Object.fromEntries(states.map((item: any) => [item.key, item.difference.minor]));
  expect(gained).toMatchObject({ paid: 0, locked: 4_000 });
}
