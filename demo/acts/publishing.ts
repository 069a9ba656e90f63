import type { Partner } from '../steps/partner.ts';
import { decide } from '../steps/task.ts';
import { waitFor } from '../steps/wait.ts';
import type { World } from '../world.ts';

export interface PartnerLink {
  code: string;
  url: string;
}

/** A draft is reviewed, changed, approved and published with the partner's own link. */
export async function publishContent(world: World, creator: Partner): Promise<PartnerLink> {
  const { team, tell } = world;
  tell.chapter('Content is reviewed before it goes live');
  const link = await team.manager.post('/v1/links', {
    partnerId: creator.id,
    destination: 'https://shop.example/ads',
    channel: 'video',
  });
  const { id } = await creator.api.post(`/v1/partners/${creator.id}/content`, {
    title: 'How I plan my ads',
    kind: 'video',
    platform: 'youtube',
    text: 'The tool I use every day. Link below.',
  });
  const reason = 'Say at the start that this is an advertisement, and use your own link.';
  const review = await decide(team.reviewer, 'content.review', { subjectId: id }, 'request-changes', { reason });
  for (const check of review.data.checks)
    tell.say(`Automatic check “${check.name}”: ${check.result}. ${check.detail ?? ''}`);
  tell.quote('Reviewer', reason);
  await decide(creator.api, 'content.revision', { subjectId: id }, 'resubmitted', {
    data: { text: `Advertisement. The tool I use every day: ${link.url}` },
  });
  await decide(team.reviewer, 'content.review', { subjectId: id }, 'approve', { reason: 'Clear now.' });
  await decide(creator.api, 'content.publication', { subjectId: id }, 'published', {
    data: { url: 'https://video.example/watch?v=ads', publishedAt: new Date().toISOString() },
  });
  await waitFor('the video to be published', async () =>
    ['published', 'live'].includes((await creator.api.get(`/v1/content/${id}`)).state),
  );
  tell.say('Changes were asked for once, then the video was approved and published.');
  return link;
}
