import { z } from 'zod';
import { pageQuery } from '../page.ts';
import { shown, shownInstant } from './answer.ts';
import { id, text, webUrl, word } from './value.ts';

export const newContent = z
  .strictObject({
    title: text(300),
    kind: z.enum(['video', 'article', 'post', 'podcast', 'event']),
    platform: text(100),
    draftUrl: webUrl.optional(),
    text: text(100_000).optional(),
    assetVersionIds: z.array(id).max(50).optional(),
  })
  .refine(({ draftUrl, text: words }) => draftUrl !== undefined || words !== undefined, {
    path: ['draftUrl'],
    message: 'Give the draft: its address or its text.',
  });

const STATES = ['in_review', 'changes_requested', 'approved', 'published', 'live', 'rejected', 'withdrawn'] as const;

export const contentQuery = pageQuery.extend({ state: z.enum(STATES).optional(), partnerId: id.optional() });

export const content = shown({
  id: z.string(),
  partnerId: z.string(),
  title: z.string(),
  kind: z.string(),
  platform: z.string(),
  state: z.enum(STATES),
  round: z.number(),
  assetVersionIds: z.array(z.string()),
  url: z.string().nullable(),
  publishedAt: shownInstant.nullable(),
}).meta({ id: 'Content' });

export const contentDetail = content.extend({
  rounds: z.array(
    shown({
      round: z.number(),
      draftUrl: z.string().nullable(),
      text: z.string().nullable(),
      checks: z.array(z.looseObject({})),
      submittedAt: shownInstant,
      outcome: z.string().nullable(),
      comment: z.string().nullable(),
    }),
  ),
  checks: z.array(z.looseObject({})),
  comments: z.array(shown({ round: z.number(), text: z.string() })),
});

export const newAsset = z.strictObject({ name: text(200), kind: word, url: webUrl, note: text(2_000).optional() });
export const newAssetVersion = z.strictObject({ url: webUrl, note: text(2_000).optional() });
export const asset = shown({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  versions: z.array(shown({ id: z.string(), version: z.number(), url: z.string() })),
}).meta({ id: 'Asset' });

const question = z.looseObject({
  id: z.string(),
  text: z.string(),
  options: z.array(z.looseObject({})),
  correct: z.string(),
});
export const newTrainingModule = z.strictObject({
  title: text(200),
  body: text(100_000),
  questions: z.array(question).min(1).max(100),
  passMark: z.int().min(0).max(100).describe('Percent'),
  required: z.boolean().default(true),
});
export const trainingModule = shown({
  id: z.string(),
  title: z.string(),
  body: z.string(),
  questions: z.array(shown({ id: z.string(), text: z.string(), correct: z.string().optional() })),
  passMark: z.number(),
  required: z.boolean(),
}).meta({ id: 'TrainingModule' });
