import { createApiClient } from '../steps/client.ts';
import { decide } from '../steps/task.ts';
import type { World } from '../world.ts';

const OPTIONS = [
  { id: 'video', text: 'A video channel', speaksFor: { dimension: 'channel', value: 'video' } },
  { id: 'newsletter', text: 'A newsletter or an agency', speaksFor: { dimension: 'channel', value: 'newsletter' } },
  { id: 'coupon', text: 'A coupon site', speaksFor: { dimension: 'channel', value: 'coupon' } },
  { id: 'official', text: 'Your own pages' },
];

const WHO = [
  { id: 'creator', text: 'A creator', speaksFor: { dimension: 'type', value: 'creator' } },
  { id: 'agency', text: 'An agency', speaksFor: { dimension: 'type', value: 'agency' } },
];

/** What eight customers answer: three of four name somebody else than the advertiser. */
const ANSWERS = [
  ...Array.from({ length: 5 }, () => ({ where: ['video'], who: ['creator'] })),
  { where: ['newsletter'], who: ['agency'] },
  ...Array.from({ length: 2 }, () => ({ where: ['official'] })),
];

/** Customers are asked where they learnt about the product; their answers propose whom to look for, and a person approves that. */
export async function askCustomers(world: World): Promise<void> {
  const { team, tell } = world;
  tell.chapter('Customers say where they learnt about the product');
  const survey = await team.manager.post('/v1/audience-surveys', {
    title: 'How did you hear of us?',
    questions: [
      { id: 'where', text: 'Where did you learn about us?', kind: 'multiple', options: OPTIONS },
      { id: 'who', text: 'Whom did you trust?', kind: 'single', options: WHO },
    ],
  });
  const anybody = createApiClient(team.access.baseUrl);
  for (const answers of ANSWERS) await anybody.post(new URL(survey.link).pathname, { answers });
  const { results } = await team.manager.get(`/v1/audience-surveys/${survey.id}`);
  const shares = results[0].options.map((option: any) => [
    OPTIONS.find(({ id }) => id === option.optionId)?.text ?? option.optionId,
    `${(option.share * 100).toFixed(0)} %`,
  ]);
  tell.table([['where', 'share'], ...shares]);

  const brief = await team.manager.post('/v1/briefs', { name: 'What our customers trust', surveyId: survey.id });
  await team.manager.post(`/v1/briefs/${brief.id}/submit`);
  await decide(team.secondManager, 'brief.approval', { subjectId: brief.id }, 'approve', {
    reason: 'That is what they said.',
  });
  tell.say('The answers propose a brief, weights for the fit of a partner; a second programme manager approves it.');
}
