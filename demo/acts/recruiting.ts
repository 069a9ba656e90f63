import { answerSurvey, invitePartner, waitForStatus } from '../steps/partner.ts';
import type { Partner } from '../steps/partner.ts';
import { decide } from '../steps/task.ts';
import type { World } from '../world.ts';

const CANDIDATES = {
  creator: {
    name: 'Mira Films',
    type: 'creator',
    country: 'DE',
    answers: {
      audienceSize: 48_000,
      channels: ['video'],
      verticals: ['marketing'],
      regions: ['DE'],
      motivation: 'My viewers ask me every week which ads tool I use.',
    },
  },
  agency: {
    name: 'Harbor Agency',
    type: 'agency',
    country: 'DE',
    answers: { audienceSize: 300, channels: ['newsletter'], verticals: ['marketing'], regions: ['DE'] },
  },
  coupons: {
    name: 'Codes4All',
    type: 'coupon',
    country: 'US',
    answers: { audienceSize: 2_000_000, channels: ['coupon'], verticals: ['everything'], regions: ['US'] },
  },
};

/** Three partners are invited; two fit, one does not. */
export async function recruitPartners(world: World): Promise<{ creator: Partner; agency: Partner }> {
  const { tell } = world;
  tell.chapter('Partners are invited, answer a survey, and a person decides');
  const creator = await invite(world, 'creator');
  const agency = await invite(world, 'agency');
  const coupons = await invite(world, 'coupons');
  await screen(world, creator, 'approve', 'A good fit.');
  await screen(world, agency, 'approve', 'A good fit.');
  await screen(world, coupons, 'decline', 'Coupon sites take the last click from those who convinced the customer.');
  tell.link('the mails to the creator', `${world.team.access.mailUrl}/?to=${encodeURIComponent(creator.email)}`);
  return { creator, agency };
}

async function invite(world: World, which: keyof typeof CANDIDATES): Promise<Partner> {
  const { answers, ...candidate } = CANDIDATES[which];
  const partner = await invitePartner(world.team, {
    ...candidate,
    email: `${which}.${world.run}@partners.example`,
    language: candidate.country === 'DE' ? 'de' : 'en',
    currency: 'EUR',
    externalId: `${which}-${world.run}`,
  });
  await answerSurvey(partner, answers);
  world.tell.say(`${partner.name} (${candidate.type}, ${candidate.country}) was invited and answered the survey.`);
  return partner;
}

async function screen(world: World, partner: Partner, outcome: 'approve' | 'decline', reason: string): Promise<void> {
  const task = await decide(world.team.manager, 'application.decision', { partnerId: partner.id }, outcome, { reason });
  await waitForStatus(world.team, partner, outcome === 'approve' ? 'contracting' : 'declined');
  const score = task.data.fitScore ?? task.data.fit?.score;
  world.tell.say(
    `${partner.name}: fit score ${score} of 100 → ${outcome === 'approve' ? 'approved' : 'declined'}. “${reason}”`,
  );
}
