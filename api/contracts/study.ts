import { z } from 'zod';
import { STUDY_GROUPS } from '../../db/queries/study-sum.ts';
import type { StudyGroup } from '../../db/queries/study-sum.ts';
import { pageQuery } from '../page.ts';
import { shown, shownInstant, shownMoney } from './answer.ts';
import { byPolicy, credited, inheritedFrom, moreTouchpoints, notInherited, weighedTouchpoint } from './attribution.ts';
import { instant } from './value.ts';

export const newStudy = z
  .strictObject({ from: instant, to: instant })
  .refine(({ from, to }) => from < to, { path: ['to'], message: 'Give an instant after `from`.' });

const progress = z.object({ done: z.number(), total: z.number().nullable() });
const beforeAfter = z.object({ before: shownMoney, after: shownMoney });

export const study = shown({
  id: z.string(),
  policyId: z.string(),
  state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
  progress,
  conversions: z.number().nullable(),
  totals: shown({
    value: beforeAfter,
    commission: beforeAfter,
    unconverted: z.array(shownMoney).describe('Value without a rate of its day; it is not in `value.after`.'),
    unconvertedCommission: z.array(shownMoney).optional().describe('The same of `commission.after`.'),
    unconvertedBefore: z
      .array(shownMoney)
      .optional()
      .describe('What is not in `value.before`; absent in studies from before this was told.'),
    unconvertedCommissionBefore: z.array(shownMoney).optional().describe('The same of `commission.before`.'),
  }).nullable(),
  repeatOf: z.string().nullable().describe('The study that this one repeats, at the same cut.'),
  digest: z.string().nullable().describe('SHA-256 over all lines, in hex: a repeated study has the same.'),
}).meta({ id: 'Study' });

const part = shown({ credit: z.number(), value: shownMoney, commission: shownMoney });
const programChange = z.object({ before: shownMoney, after: shownMoney, difference: shownMoney });

/** Credit in conversions, money before and after, and what of the difference late evidence and the rule make. */
const change = {
  conversions: z.number(),
  creditBefore: z.number(),
  creditAfter: z.number(),
  valueBefore: shownMoney,
  valueAfter: shownMoney,
  commissionBefore: shownMoney,
  commissionAfter: shownMoney,
  difference: shownMoney,
  fromLateEvidence: shownMoney.describe(
    'What the rule in force would change by itself, because of evidence that came after a lock.',
  ),
  fromRule: shownMoney.describe('The rest of the difference.'),
  parts: z.object({ lateEvidence: part, rule: part }).describe('The same two in credit, value and commission.'),
  inProgramCurrency: shown({ value: programChange, commission: programChange })
    .nullable()
    .describe("Each line at the rate of its sale's day; null where a rate was not known."),
};

const beneficiary = shown({
  kind: z.enum(['partner', 'channel', 'program']),
  id: z.string(),
  name: z.string(),
  type: z.string().nullable(),
  market: z.string().nullable(),
});

export const studyDetail = study.extend({
  lines: z.array(shown({ beneficiary, ...change })),
});

export const breakdownQuery = z.strictObject({
  groupBy: z.enum(Object.keys(STUDY_GROUPS) as [StudyGroup, ...StudyGroup[]]).default('partnerType'),
});
export const breakdown = shown({
  studyId: z.string(),
  groupBy: z.string(),
  items: z.array(shown({ key: z.string().nullable(), ...change })),
});

export const sampleQuery = pageQuery.extend({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(50)
    .default(10)
    .describe('How many items, 50 at most: each comes with its whole journey, explained before and after.'),
  sort: z
    .enum(['change', 'credit'])
    .default('change')
    .describe('`change`: most commission moved first; `credit`: the largest share of a conversion.'),
});
const side = shown({
  ...byPolicy,
  inheritedFrom,
  notInherited,
  credits: z.array(shown(credited)),
  touchpoints: z.array(weighedTouchpoint),
  moreTouchpoints,
});
export const studiedConversion = shown({
  id: z.string(),
  externalId: z.string(),
  type: z.string(),
  occurredAt: shownInstant,
  value: shownMoney,
  creditMoved: z.number().describe('The share of the conversion that changes hands.'),
  commissionMoved: z
    .number()
    .describe("The sum of all changes of commission, in smallest units of the program's currency."),
  hasLateEvidence: z.boolean(),
  before: side,
  after: side,
}).meta({ id: 'StudiedConversion' });

const evaluationProgress = progress.extend({
  phase: z.enum(['queued', 'cut', 'credit', 'price', 'post', 'ended']),
  rate: z.number().nullable().describe('How many of them per second, since this phase began.'),
  timeLeft: z.string().nullable().describe('ISO 8601, by that rate.'),
});

const compared = <Unit extends z.ZodType>(unit: Unit) =>
  z.object({ approved: unit, carriedOut: unit, difference: unit });
const sinceApproval = shown({
  approvedStudyId: z.string().describe('The study that the approvers of the policy read.'),
  from: shownInstant,
  to: shownInstant,
  cutAt: shownInstant.nullable(),
  conversions: compared(z.number()),
  value: compared(shownMoney),
  commission: compared(shownMoney).describe("What it changes, in the program's currency."),
  lines: z
    .array(
      shown({
        beneficiary,
        credit: compared(z.number()),
        value: compared(shownMoney),
        commission: compared(shownMoney),
      }),
    )
    .nullable()
    .describe('Who gains or loses something else than was approved; null until the re-evaluation has ended.'),
})
  .nullable()
  .describe(
    'What each study changes, the approved one and the one at the cut that is carried out, and the difference; null until the latter is done.',
  );

export const evaluation = shown({
  id: z.string(),
  policyId: z.string(),
  studyId: z.string(),
  state: z
    .enum(['queued', 'running', 'done', 'failed', 'cancelled'])
    .describe('`running` with an `executedAt`: it is carried out and being posted.'),
  failure: z.string().nullable().describe('Why it failed.'),
  overtakenBy: z
    .string()
    .nullable()
    .describe(
      'The re-evaluation that was carried out after the cut of this one, which failed by it and is asked for anew.',
    ),
  downward: z.enum(['recover', 'waive']),
  cutAt: shownInstant.nullable(),
  executedAt: shownInstant.nullable(),
  progress: evaluationProgress,
  sinceApproval,
});
