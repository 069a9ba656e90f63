import { showMoney } from '../narrator.ts';
import type { Partner } from '../steps/partner.ts';
import type { Sale } from '../steps/sale.ts';
import { decide } from '../steps/task.ts';
import { waitFor } from '../steps/wait.ts';
import type { World } from '../world.ts';
import { showCredits } from './selling.ts';

const NEW_POLICY = {
  name: 'Time decay, partners first',
  conversionTypes: ['*'],
  model: { kind: 'time-decay', halfLife: 'P7D' },
  exclusions: [{ channel: 'system_email', mode: 'unless-only' }],
  transforms: [],
  multipliers: [{ beneficiary: 'partner', factor: 1.5 }],
  lookback: { default: 'P30D', byKind: { view: 'P1D' }, byChannel: {} },
};

/** One message starts a study; two persons approve the new rule; past conversions are credited anew, and the difference is owed. */
export async function complainAndCorrect(world: World, creator: Partner, sales: Sale[], from: string): Promise<string> {
  const { team, tell } = world;
  tell.chapter('The creator complains');
  const message = 'My audience signs up, but your automatic system e-mail is the last click, so it gets the credit.';
  const feedback = await creator.api.post(`/v1/partners/${creator.id}/feedback`, {
    kind: 'attribution',
    message,
    conversionExternalId: sales[1]?.externalId,
  });
  tell.quote(creator.name, message);
  const policy = await team.manager.post('/v1/attribution/policies', NEW_POLICY);
  await decide(team.manager, 'feedback.triage', { subjectId: feedback.id }, 'review-policy', {
    reason: 'The paths show it.',
    data: { message: 'You are right to ask. We are studying another rule.', policyId: policy.id },
  });

  tell.chapter('Another rule is drafted and replayed over past conversions');
  await studyPolicy(world, policy.id, from);

  tell.chapter('Two persons approve, the rule becomes active, past credit is corrected');
  await team.manager.post(`/v1/attribution/policies/${policy.id}/submit`, {
    effectiveFrom: new Date().toISOString(),
    reevaluateFrom: from,
    downward: 'waive',
    feedbackId: feedback.id,
    reason: 'System e-mail reminds; it does not convince.',
  });
  await decide(team.secondManager, 'policy.approval', { subjectId: policy.id }, 'approve', {
    reason: 'The study is clear.',
  });
  await decide(team.finance, 'policy.approval', { subjectId: policy.id }, 'approve', { reason: 'Within budget.' });
  tell.say('Approved by a second programme manager and by finance. What others lose by it is waived as goodwill.');
  await showDifference(world, creator, feedback.id, sales);
  return feedback.id;
}

async function studyPolicy(world: World, policyId: string, from: string): Promise<void> {
  const { team, tell } = world;
  const { id } = await team.manager.post(`/v1/attribution/policies/${policyId}/studies`, {
    from,
    to: new Date().toISOString(),
  });
  const study = await waitFor('the study', async () => {
    const answer = await team.manager.get(`/v1/attribution/studies/${id}`);
    return ['done', 'failed'].includes(answer.state) && answer;
  });
  if (study.state === 'failed') throw new Error(`The study ${id} failed.`);
  tell.table([
    ['beneficiary', 'credit before', 'after', 'commission before', 'after', 'difference'],
    ...study.lines.map((line: any) => [
      line.beneficiary.name ?? line.beneficiary.id,
      Number(line.creditBefore).toFixed(2),
      Number(line.creditAfter).toFixed(2),
      showMoney(line.commissionBefore),
      showMoney(line.commissionAfter),
      showMoney(line.difference),
    ]),
  ]);
}

async function showDifference(world: World, creator: Partner, feedbackId: string, sales: Sale[]): Promise<void> {
  const { team, tell } = world;
  const adjustments: string[] = await waitFor(
    'the adjustments',
    async () => {
      const { links } = await creator.api.get(`/v1/feedback/${feedbackId}`);
      return links.adjustments.length > 0 && links.adjustments;
    },
    { timeoutMs: 120_000 },
  );
  await showCredits(world, sales);
  const rows = await Promise.all(adjustments.map((id) => team.manager.get(`/v1/commissions/${id}`)));
  const owed = rows.filter((row) => row.partnerId === creator.id).reduce((sum, row) => sum + row.amount.minor, 0);
  tell.say(
    `The difference, ${showMoney({ minor: owed, currency: 'EUR' })}, stands in ${creator.name}’s open window, linked to the complaint.`,
  );
}
