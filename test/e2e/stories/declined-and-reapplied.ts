import { expect } from '@jest/globals';
import {
  answerSurvey,
  completeTraining,
  givePayoutDetails,
  invitePartner,
  signContract,
  waitForStatus,
} from '../../../demo/steps/partner.ts';
import { decide } from '../../../demo/steps/task.ts';
import { waitFor } from '../../../demo/steps/wait.ts';
import type { World } from '../world.ts';

const ANSWERS = { audienceSize: 900, channels: ['blog'], verticals: ['marketing'], regions: ['DE'] };

/** Declined with a date, too early refused, then a second round under the same id, and active. */
export async function declinedAndReapplied(world: World): Promise<void> {
  const team = await world.program('Second try');
  const partner = await invitePartner(team, {
    name: 'Dora Declined',
    email: 'dora@again.example',
    type: 'creator',
    country: 'DE',
    currency: 'EUR',
  });
  await answerSurvey(partner, ANSWERS);
  const reapplyAfter = new Date(Date.now() + 20_000).toISOString();
  await decide(team.manager, 'application.decision', { partnerId: partner.id }, 'decline', {
    reason: 'Too small yet.',
    data: { reapplyAfter },
  });
  await waitForStatus(team, partner, 'declined');

  const early = await partner.api.fetch('POST', `/v1/partners/${partner.id}/reapply`, { reason: 'I have grown.' });
  expect(early.status).toBe(409);
  expect(((await early.json()) as any).code).toBe('illegal-transition');

  await waitFor('the date to pass', async () => Date.now() > Date.parse(reapplyAfter));
  await partner.api.post(`/v1/partners/${partner.id}/reapply`, { reason: 'I have grown.' });
  await answerSurvey(partner, { ...ANSWERS, audienceSize: 25_000 });
  await decide(team.manager, 'application.decision', { partnerId: partner.id }, 'approve', { reason: 'Now it fits.' });
  await signContract(team, partner);
  await completeTraining(partner);
  await givePayoutDetails(team, partner);
  await waitForStatus(team, partner, 'active');

  const view = await team.manager.get(`/v1/partners/${partner.id}`);
  expect(view).toMatchObject({ id: partner.id, status: 'active', round: 2, workflowId: `partner/${partner.id}` });
  const mails = await waitFor('the mail about the decline', async () => {
    const found = (await world.mailsTo(partner.email)).filter((mail) => mail.text.includes('Too small yet.'));
    return found.length > 0 && found;
  });
  expect(mails).toHaveLength(1);
}
