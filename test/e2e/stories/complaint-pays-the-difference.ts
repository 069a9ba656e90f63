import { expect } from '@jest/globals';
import { activatePartner } from '../../../demo/steps/partner.ts';
import { creditsOf, sell } from '../../../demo/steps/sale.ts';
import { decide } from '../../../demo/steps/task.ts';
import type { Partner } from '../../../demo/steps/partner.ts';
import type { Team } from '../../../demo/steps/team.ts';
import { waitFor } from '../../../demo/steps/wait.ts';
import { QUICK_CALENDAR, withCalendar } from '../world.ts';
import type { World } from '../world.ts';
import { approveEverything } from './creators-year.ts';

/** Touches of a path are 250 ms apart: each counts half of the next. A partner's counts one and a half times. */
const POLICY = {
  name: 'Partners first',
  conversionTypes: ['*'],
  model: { kind: 'time-decay', halfLife: 'PT0.25S' },
  exclusions: [{ channel: 'system_email', mode: 'unless-only' }],
  transforms: [],
  multipliers: [{ beneficiary: 'partner', factor: 1.5 }],
  lookback: { default: 'P30D', byKind: {}, byChannel: {} },
};

/**
 * A paid window, a complaint, another rule: the difference is owed for the paid window, paid in the next, and linked to the complaint. Who
 * loses by it keeps what was paid.
 */
export async function complaintPaysTheDifference(world: World): Promise<void> {
  const from = new Date().toISOString();
  const team = await world.program('Complaint', withCalendar(QUICK_CALENDAR));
  const person = { type: 'creator', country: 'DE', currency: 'EUR', language: 'de' };
  const [creator, closer] = await Promise.all([
    activatePartner(team, { ...person, name: 'Mira', email: 'mira@complaint.example' }),
    activatePartner(team, { ...person, name: 'Noor', email: 'noor@complaint.example' }),
  ]);
  const approving = approveEverything(team);
  const video = { channel: 'video', partnerId: creator.id };
  const article = { channel: 'article', partnerId: closer.id };
  const [search, mail] = [{ channel: 'paid_search' }, { channel: 'system_email' }];
  const own = await sell(team, { externalId: 'own', minor: 10_000, path: [video] });
  const taken = await sell(team, { externalId: 'taken', minor: 35_000, path: [video, search, mail] });
  const shared = await sell(team, { externalId: 'shared', minor: 30_000, path: [video, article] });
  const more = await sell(team, { externalId: 'more', minor: 10_000, path: [video, mail] });
  for (const sale of [own, taken, shared, more]) await creditsOf(team, sale);
  for (const [partner, minor] of [
    [creator, 1_000],
    [closer, 3_000],
  ] as const) {
    await waitFor(`the first payout to ${partner.name}`, async () => (await paid(partner)).length === 1, {
      timeoutMs: 90_000,
    });
    expect(await paid(partner)).toEqual([minor]);
  }

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
  const changeOf = (id: string) => {
    const { creditBefore, creditAfter, valueBefore, valueAfter, difference, fromLateEvidence } = lineOf(id);
    expect(fromLateEvidence.minor).toBe(0);
    return [[creditBefore, creditAfter], [valueBefore.minor, valueAfter.minor], difference.minor];
  };
  const near = (share: number) => expect.closeTo(share, 9);
  // Before the search by 1½ × ½ to 1, before the article by ½ to 1.
  expect(changeOf(creator.id)).toEqual([[1, near(2 + 3 / 7 + 1 / 3)], [10_000, 45_000], 3_500]);
  expect(changeOf(closer.id)).toEqual([[1, near(2 / 3)], [30_000, 20_000], -1_000]);
  expect(changeOf('paid_search')).toEqual([[0, near(4 / 7)], [0, 20_000], 0]);
  expect(changeOf('system_email')).toEqual([[2, 0], [45_000, 0], 0]);
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
  await waitFor('the difference to be paid', async () => (await paid(creator)).length === 2, {
    timeoutMs: 120_000,
  });
  approving.stop();

  expect(await paid(creator)).toEqual([1_000, 3_500]);
  const view = await waitFor('the case to be closed', async () => {
    const one = await creator.api.get(`/v1/feedback/${feedback.id}`);
    return one.links.adjustments.length > 0 && one.state !== 'policy_review' && one;
  });
  expect(view.links).toMatchObject({ policyId: policy.id });
  const rows = await Promise.all(view.links.adjustments.map((id: string) => team.manager.get(`/v1/commissions/${id}`)));
  expect(rows.map((row: any) => [row.kind, row.partnerId, row.amount.minor]).sort()).toEqual([
    ['adjustment', creator.id, 1_000],
    ['adjustment', creator.id, 1_000],
    ['adjustment', creator.id, 1_500],
  ]);
  const { items: kept } = await team.manager.get(`/v1/commissions?partnerId=${closer.id}`);
  expect(kept.map((row: any) => [row.kind, row.amount.minor]).sort()).toEqual([
    ['adjustment', -1_000],
    ['earned', 3_000],
    ['goodwill', 1_000],
  ]);
  expect(await paid(closer)).toEqual([3_000]);
  const evaluation = await team.manager.get(`/v1/attribution/evaluations/${view.links.evaluationId}`);
  expect(evaluation).toMatchObject({
    state: 'done',
    progress: { phase: 'ended' },
    sinceApproval: {
      approvedStudyId: studyId,
      commission: { approved: { minor: 2_500 }, difference: { minor: 0 } },
      lines: [],
    },
  });
  const carriedOut = await team.manager.get(`/v1/attribution/studies/${evaluation.studyId}`);
  expect(carriedOut.totals.commission).toEqual(study.totals.commission);
  const conversion = await team.manager.get(`/v1/conversions/${taken.id}`);
  expect(Object.fromEntries(conversion.credits.map((one: any) => [one.beneficiary.id, one.value.minor]))).toEqual({
    [creator.id]: 15_000,
    paid_search: 20_000,
  });
  await waitFor('the mail that tells the partner', async () =>
    (await world.mailsTo(creator.email)).some((mail) => mail.text.includes('35,00')),
  );

  /** What was paid out, smallest first. */
  async function paid({ id }: Partner): Promise<number[]> {
    const { items } = await team.finance.get(`/v1/payouts?partnerId=${id}`);
    const amounts: number[] = items.flatMap((one: any) => (one.state === 'paid' ? [one.amount.minor] : []));
    return amounts.sort((a, b) => a - b);
  }
}

/** The orders that change most: a mail or an article had them as last click, and the windows were settled. */
async function expectBothExplanations(team: Team, studyId: string): Promise<void> {
  const { items } = await team.manager.get(`/v1/attribution/studies/${studyId}/conversions?limit=3`);
  expect(items.map((item: any) => [item.externalId, item.creditMoved, item.commissionMoved])).toEqual([
    ['shared', expect.closeTo(1 / 3, 9), 2_000],
    ['taken', 1, 1_500],
    ['more', 1, 1_000],
  ]);
  const why = (side: any) => side.touchpoints.map((touch: any) => [touch.channel, touch.weight, touch.reason]);
  expect(why(items[1].before)).toEqual([
    ['video', 0, 'zero-weight'],
    ['paid_search', 0, 'zero-weight'],
    ['system_email', 1, undefined],
  ]);
  expect(why(items[1].after)).toEqual([
    ['video', expect.closeTo(3 / 7, 9), undefined],
    ['paid_search', expect.closeTo(4 / 7, 9), undefined],
    ['system_email', 0, 'excluded-channel'],
  ]);
  const { items: states } = await team.manager.get(`/v1/attribution/studies/${studyId}/breakdown?groupBy=windowState`);
  const gained = Object.fromEntries(states.map((item: any) => [item.key, item.difference.minor]));
  expect(gained).toMatchObject({ paid: -1_000, locked: 3_500 });
}
