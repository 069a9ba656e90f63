import { z } from 'zod';
import { PARTNER_STATES } from '../../domain/partner/lifecycle.ts';
import { pageQuery } from '../page.ts';
import { shown, shownInstant, shownMoney } from './answer.ts';
import { country, currency, email, id, instant, language, name, reason, text, timeZone, word, words } from './value.ts';

const profile = {
  name,
  email,
  type: word.describe('creator, agency, community, coupon, loyalty, strategic, or a type of your own'),
  country,
  language: language.optional(),
  timeZone: timeZone.optional(),
  currency: currency.optional(),
  channels: words.optional(),
  verticals: words.optional(),
};

export const newPartner = z.strictObject({
  ...profile,
  source: text(200).optional(),
  externalId: text(255).optional(),
});

/** The answers of `partner.survey` (api.md §2). */
export const surveyAnswers = z.strictObject({
  audienceSize: z.int().min(0).max(10_000_000_000),
  channels: words,
  verticals: words,
  regions: z.array(text(100)).max(50),
  contentStyle: text(2_000).optional(),
  priorPrograms: text(2_000).optional(),
  motivation: text(2_000).optional(),
});

export const application = z.strictObject({
  programId: id.optional().describe('May be left out where there is one program only.'),
  ...profile,
  source: text(200).optional(),
  answers: surveyAnswers,
});

export const partnerChanges = z.strictObject({
  name: name.optional(),
  email: email.optional(),
  channels: words.optional(),
  verticals: words.optional(),
  ownerId: id.nullable().optional(),
  tier: word.nullable().optional(),
  type: word.optional(),
  language: language.optional(),
  timeZone: timeZone.optional(),
  currency: currency.optional(),
  effectiveFrom: instant
    .optional()
    .describe('From when type, language, zone and currency hold; now by default. At most ten years ahead.'),
});

export const statusChange = z.strictObject({ reason });

export const partnerQuery = pageQuery.extend({
  status: z.enum(PARTNER_STATES).optional(),
  type: word.optional(),
  country: country.optional(),
  market: z.string().max(20).optional(),
  tier: word.optional(),
  q: z.string().max(200).optional().describe('Part of the name, e-mail address or external id.'),
});

export const partner = shown({
  id: z.string(),
  externalId: z.string().nullable(),
  name: z.string(),
  email: z.string(),
  type: z.string(),
  country: z.string(),
  market: z.string().nullable(),
  channels: z.array(z.string()),
  verticals: z.array(z.string()),
  language: z.string().nullable(),
  timeZone: z.string().nullable(),
  currency: z.string().nullable(),
  status: z.enum(PARTNER_STATES),
  statusSince: shownInstant,
  round: z.number(),
  workflowId: z.string(),
}).meta({ id: 'Partner' });

export const partnerDetail = partner
  .extend({
    waitingFor: z.array(
      shown({
        taskId: z.string(),
        kind: z.string(),
        role: z.string(),
        since: shownInstant,
        dueAt: shownInstant.nullable(),
      }),
    ),
    contract: shown({ id: z.string(), state: z.string(), version: z.number() }).nullable(),
    balance: shown({ pending: shownMoney, locked: shownMoney, payable: shownMoney, receivable: shownMoney }).nullable(),
    waitingForEnd: z
      .array(shownMoney)
      .describe(
        'In currencies that the contract had before: it is stated, and then paid, after the end of the contract.',
      ),
    nextPayoutAt: shownInstant.nullable(),
  })
  .meta({ id: 'PartnerDetail' });

export const applied = shown({ id: z.string(), status: z.string() });
