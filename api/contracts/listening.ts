import { z } from 'zod';
import { CASE_STATES, FEEDBACK_KINDS } from '../../domain/feedback/case.ts';
import { pageQuery } from '../page.ts';
import { shown, shownInstant } from './answer.ts';
import { country, email, id, instant, name, text, word, words } from './value.ts';

const evidence = z.json().describe('Links, figures, whatever supports it.');

export const newFeedback = z.strictObject({
  kind: z.enum(FEEDBACK_KINDS),
  message: text(10_000),
  conversionExternalId: text(255).optional(),
  evidence: evidence.optional(),
});
export const appeal = z.strictObject({ message: text(10_000), evidence: evidence.optional() });
export const feedbackQuery = pageQuery.extend({ partnerId: id.optional(), state: z.enum(CASE_STATES).optional() });
export const feedback = shown({
  id: z.string(),
  partnerId: z.string(),
  kind: z.enum(FEEDBACK_KINDS),
  state: z.enum(CASE_STATES),
  dueAt: shownInstant.nullable(),
}).meta({ id: 'Feedback' });
export const feedbackDetail = feedback.extend({
  messages: z.array(shown({ id: z.string(), text: z.string(), at: shownInstant })),
  links: shown({
    policyId: z.string().optional(),
    studyId: z.string().optional(),
    evaluationId: z.string().optional(),
    adjustments: z.array(z.string()),
  }),
});

const option = z.strictObject({
  id: z.string(),
  text: z.string(),
  speaksFor: z
    .strictObject({ dimension: z.enum(['type', 'channel', 'vertical', 'market']), value: z.string() })
    .optional()
    .describe('The weight of a brief that this answer counts towards.'),
});
const question = z.strictObject({
  id: z.string(),
  text: z.string(),
  kind: z.enum(['single', 'multiple']),
  options: z.array(option).max(50),
});
export const newSurvey = z.strictObject({
  title: name,
  questions: z.array(question).min(1).max(50),
  closesAt: instant.optional(),
});
export const survey = shown({
  id: z.string(),
  title: z.string(),
  state: z.enum(['open', 'closed']),
  questions: z.array(question),
  responses: z.number(),
  closesAt: shownInstant.nullable(),
}).meta({ id: 'AudienceSurvey' });
export const openedSurvey = survey.extend({ link: z.string().describe('Where anybody answers; shown this once.') });
export const surveyDetail = survey.extend({
  results: z.array(
    shown({
      questionId: z.string(),
      answered: z.number(),
      options: z.array(z.object({ optionId: z.string(), count: z.number(), share: z.number() })),
    }),
  ),
  proposedWeights: z.record(z.string(), z.record(z.string(), z.number())),
});
export const openSurvey = shown({ title: z.string(), questions: z.array(question) });
const answerOf = z.union([z.string().max(100), z.array(z.string().max(100)).max(50)], {
  error: 'Give the id of an option, or a list of at most 50 of them.',
});
export const surveyAnswer = z.strictObject({
  answers: z.record(z.string().max(100), answerOf),
  language: z.string().max(35).optional(),
});

const weights = z
  .looseObject({})
  .describe('`{ type, channel, vertical, market }`, each of values and their weights of 0–1.');
export const newBrief = z
  .strictObject({ name, weights: weights.optional(), surveyId: id.optional() })
  .refine(({ weights: given, surveyId }) => given !== undefined || surveyId !== undefined, {
    path: ['weights'],
    message: 'Give weights, or the survey that proposes them.',
  });
export const briefChanges = z.strictObject({ name: name.optional(), weights: weights.optional() });
export const briefQuery = pageQuery.extend({
  state: z.enum(['draft', 'submitted', 'active', 'rejected', 'replaced']).optional(),
});
export const brief = shown({
  id: z.string(),
  name: z.string(),
  state: z.enum(['draft', 'submitted', 'active', 'rejected', 'replaced']),
  weights: z.record(z.string(), z.record(z.string(), z.number())),
  taskId: z.string().nullable(),
}).meta({ id: 'Brief' });

export const newProspect = z.strictObject({
  name,
  email: email.optional(),
  type: word,
  country,
  channels: words.optional(),
  verticals: words.optional(),
});
export const prospectQuery = pageQuery.extend({ type: word.optional(), country: country.optional() });
export const prospect = shown({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  country: z.string(),
  partnerId: z.string().nullable(),
  fitScore: z.number().nullable().describe('0–100 by the active brief.'),
}).meta({ id: 'Prospect' });
