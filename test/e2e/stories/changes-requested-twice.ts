import { expect } from '@jest/globals';
import { activatePartner } from '../../../demo/steps/partner.ts';
import { decide } from '../../../demo/steps/task.ts';
import { waitFor } from '../../../demo/steps/wait.ts';
import type { World } from '../world.ts';

/** A draft goes back twice, is approved at the third round, and published. */
export async function changesRequestedTwice(world: World): Promise<void> {
  const team = await world.program('Content');
  const partner = await activatePartner(team, {
    name: 'Rhea Rounds',
    email: 'rhea@content.example',
    type: 'creator',
    country: 'DE',
    currency: 'EUR',
  });
  const link = await team.manager.post('/v1/links', {
    partnerId: partner.id,
    destination: 'https://shop.example/',
    channel: 'article',
  });
  const { id } = await partner.api.post(`/v1/partners/${partner.id}/content`, {
    title: 'Ten tools',
    kind: 'article',
    platform: 'blog',
    text: 'Ten tools that I like.',
  });

  const inRound = (round: number) => ({ subjectId: id, where: (task: { data: any }) => task.data.round === round });
  const first = await decide(team.reviewer, 'content.review', inRound(1), 'request-changes', {
    reason: 'Mark it as advertising.',
  });
  expect(first.data.checks.map((check: any) => check.result)).toContain('missing');
  await decide(partner.api, 'content.revision', { subjectId: id }, 'resubmitted', {
    data: { text: 'Advertisement. Ten tools that I like.' },
  });
  await decide(team.reviewer, 'content.review', inRound(2), 'request-changes', { reason: 'Use your own link.' });
  await decide(partner.api, 'content.revision', { subjectId: id }, 'resubmitted', {
    data: { text: `Advertisement. Ten tools that I like: ${link.url}` },
  });
  const third = await decide(team.reviewer, 'content.review', inRound(3), 'approve', { reason: 'Good.' });
  expect(third.data.checks.every((check: any) => check.result === 'ok')).toBe(true);
  await decide(partner.api, 'content.publication', { subjectId: id }, 'published', {
    data: { url: 'https://blog.example/ten-tools', publishedAt: new Date().toISOString() },
  });

  const content = await waitFor('the article to be published', async () => {
    const view = await partner.api.get(`/v1/content/${id}`);
    return ['published', 'live'].includes(view.state) && view;
  });
  expect(content.rounds.map((round: any) => round.outcome)).toEqual(['request-changes', 'request-changes', 'approve']);
}
