import { expect } from '@jest/globals';
import { answerSurvey, invitePartner, waitForStatus } from '../../../demo/steps/partner.ts';
import { decide, openTask } from '../../../demo/steps/task.ts';
import type { World } from '../world.ts';

/** Waitlisted; then the brief changes, and the partner is screened again by itself, with another score. */
export async function waitlistedUntilABrief(world: World): Promise<void> {
  const team = await world.program('Waiting', (settings) => ({
    ...settings,
    durations: { ...settings.durations, waitlistReturn: 'PT10M', waitlistOver: 'PT1H' },
  }));
  const partner = await invitePartner(team, {
    name: 'Willa Wait',
    email: 'willa@wait.example',
    type: 'community',
    country: 'JP',
    currency: 'JPY',
  });
  await answerSurvey(partner, { audienceSize: 4_000, channels: ['forum'], verticals: ['games'], regions: ['JP'] });
  const first = await decide(team.secondManager, 'application.decision', { partnerId: partner.id }, 'waitlist', {
    reason: 'No games this year.',
  });
  await waitForStatus(team, partner, 'waitlisted');

  const brief = await team.manager.post('/v1/briefs', {
    name: 'Games in Japan',
    weights: { type: { community: 1 }, channel: { forum: 1 }, vertical: { games: 1 }, market: { JP: 1 } },
  });
  await team.manager.post(`/v1/briefs/${brief.id}/submit`);
  await decide(team.secondManager, 'brief.approval', { subjectId: brief.id }, 'approve', {
    reason: 'That is what we look for now.',
  });

  await waitForStatus(team, partner, 'screening');
  const second = await openTask(team.secondManager, 'application.decision', { partnerId: partner.id });
  expect(second.id).not.toBe(first.id);
  expect(second.data.fitScore).toBe(100);
}
