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
 *
 * Our automatic mail is the last click of every order, and under `last` has the credit of each in which no code was typed after it. By
 * hand, 10 % each, an age of n × 250 ms counts ½ⁿ:
 *
 * | order  | value  | path                 | before       | after                                                                   |
 * | own    | 10,000 | mail, Mira's code    | Mira         | Mira, because the mail is not the only one                              |
 * | taken  | 35,000 | video, search, mail  | mail         | 1½ × ⅛ to ¼, 3 : 4: Mira 15,000 (+1,500), search 20,000                 |
 * | shared | 30,000 | video, mail, Noor's  | Noor (3,000) | 1½ × ⅛ to 1½ × ½, 1 : 4: Mira 6,000 (+600), Noor 24,000 (−600)          |
 * | more   | 10,000 | video, mail          | mail         | Mira 10,000 (+1,000)                                                    |
 * | alone  |  8,000 | mail                 | mail         | mail: excluded unless it is the only one                                |
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
  const codeOf = ({ id }: Partner) => ({ channel: 'coupon', kind: 'code', partnerId: id });
  const [search, mail] = [{ channel: 'paid_search' }, { channel: 'system_email' }];
  const own = await sell(team, { externalId: 'own', minor: 10_000, path: [mail, codeOf(creator)] });
  const taken = await sell(team, { externalId: 'taken', minor: 35_000, path: [video, search, mail] });
  const shared = await sell(team, { externalId: 'shared', minor: 30_000, path: [video, mail, codeOf(closer)] });
  const more = await sell(team, { externalId: 'more', minor: 10_000, path: [video, mail] });
  const alone = await sell(team, { externalId: 'alone', minor: 8_000, path: [mail] });
  for (const sale of [own, taken, shared, more, alone]) await creditsOf(team, sale);
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
  expect(changeOf(creator.id)).toEqual([[1, near(2 + 3 / 7 + 1 / 5)], [10_000, 41_000], 3_100]);
  expect(changeOf(closer.id)).toEqual([[1, near(4 / 5)], [30_000, 24_000], -600]);
  expect(changeOf('paid_search')).toEqual([[0, near(4 / 7)], [0, 20_000], 0]);
  expect(changeOf('system_email')).toEqual([[3, 1], [53_000, 8_000], 0]);
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

  expect(await paid(creator)).toEqual([1_000, 3_100]);
  const view = await waitFor('the case to be closed', async () => {
    const one = await creator.api.get(`/v1/feedback/${feedback.id}`);
    return one.links.adjustments.length > 0 && one.state !== 'policy_review' && one;
  });
  expect(view.links).toMatchObject({ policyId: policy.id });
  const rows = await Promise.all(view.links.adjustments.map((id: string) => team.manager.get(`/v1/commissions/${id}`)));
  expect(rows.map((row: any) => [row.kind, row.partnerId, row.amount.minor]).sort()).toEqual([
    ['adjustment', creator.id, 1_000],
    ['adjustment', creator.id, 1_500],
    ['adjustment', creator.id, 600],
  ]);
  const { items: kept } = await team.manager.get(`/v1/commissions?partnerId=${closer.id}`);
  expect(kept.map((row: any) => [row.kind, row.amount.minor]).sort()).toEqual([
    ['adjustment', -600],
    ['earned', 3_000],
    ['goodwill', 600],
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
  for (const [sale, credits, reasons] of [
    [own, { [creator.id]: 10_000 }, ['excluded-channel', undefined]],
    [taken, { [creator.id]: 15_000, paid_search: 20_000 }, [undefined, undefined, 'excluded-channel']],
    [shared, { [creator.id]: 6_000, [closer.id]: 24_000 }, [undefined, 'excluded-channel', undefined]],
    [more, { [creator.id]: 10_000 }, [undefined, 'excluded-channel']],
    [alone, { system_email: 8_000 }, [undefined]],
  ] as const) {
    const seen = await team.manager.get(`/v1/conversions/${sale.id}`);
    expect(seen).toMatchObject({ policyId: policy.id, isReproduced: true });
    expect(Object.fromEntries(seen.credits.map((one: any) => [one.beneficiary.id, one.value.minor]))).toEqual(credits);
    expect(seen.touchpoints.map((touch: any) => touch.reason)).toEqual(reasons);
    const clicks = seen.touchpoints.filter((touch: any) => touch.kind === 'click');
    expect(clicks.at(-1).channel).toBe('system_email');
  }
  await waitFor('the mail that tells the partner', async () =>
    (await world.mailsTo(creator.email)).some((mail) => mail.text.includes('31,00')),
  );

  /** What was paid out, smallest first. */
  async function paid({ id }: Partner): Promise<number[]> {
    const { items } = await team.finance.get(`/v1/payouts?partnerId=${id}`);
    const amounts: number[] = items.flatMap((one: any) => (one.state === 'paid' ? [one.amount.minor] : []));
    return amounts.sort((a, b) => a - b);
  }
}

/** The orders that change most: the mail had them as last click, or a code after it, and the windows were settled. */
async function expectBothExplanations(team: Team, studyId: string): Promise<void> {
  const { items } = await team.manager.get(`/v1/attribution/studies/${studyId}/conversions?limit=3`);
  expect(items.map((item: any) => [item.externalId, item.creditMoved, item.commissionMoved])).toEqual([
    ['taken', 1, 1_500],
    ['shared', expect.closeTo(1 / 5, 9), 1_200],
    ['more', 1, 1_000],
  ]);
  const why = (side: any) => side.touchpoints.map((touch: any) => [touch.channel, touch.weight, touch.reason]);
  expect(why(items[0].before)).toEqual([
    ['video', 0, 'zero-weight'],
    ['paid_search', 0, 'zero-weight'],
    ['system_email', 1, undefined],
  ]);
  expect(why(items[0].after)).toEqual([
    ['video', expect.closeTo(3 / 7, 9), undefined],
    ['paid_search', expect.closeTo(4 / 7, 9), undefined],
    ['system_email', 0, 'excluded-channel'],
  ]);
  const { items: states } = await team.manager.get(`/v1/attribution/studies/${studyId}/breakdown?groupBy=windowState`);
  const gained = Object.fromEntries(states.map((item: any) => [item.key, item.difference.minor]));
  expect(gained).toMatchObject({ paid: -600, locked: 3_100 });
}
