import { z } from 'zod';
import { MODEL_KINDS } from '../../domain/attribution/policy.ts';
import { LATE_REASONS } from '../../db/attribution/late-evidence.ts';
import { CREDIT_GROUPS } from '../../db/queries/credit-group.ts';
import type { CreditGroup } from '../../db/queries/credit-group.ts';
import { pageQuery } from '../page.ts';
import { shown, shownInstant, shownMoney } from './answer.ts';
import { id, instant, name, reason } from './value.ts';

const duration = z.string().max(50).describe('ISO 8601, for instance P30D.');
const filter = {
  beneficiary: z.enum(['partner', 'channel']).optional(),
  channel: z.string().optional(),
  partnerType: z.string().optional(),
  partnerId: z.string().optional(),
  kind: z.enum(['click', 'view', 'code', 'visit', 'event']).optional(),
};

const transform = z.union(
  [z.enum(['collapse-repeats', 'distinct-first']), z.strictObject({ keepLast: z.int().min(1) })],
  {
    error: 'Give collapse-repeats, distinct-first, or an object such as { "keepLast": 5 }.',
  },
);

/** The parts of a policy; `readPolicy` of the domain says the rest. */
const policyParts = {
  conversionTypes: z.array(z.string()).max(100),
  model: z.looseObject({ kind: z.enum(MODEL_KINDS) }),
  exclusions: z.array(z.strictObject({ ...filter, mode: z.enum(['always', 'unless-only']) })).max(200),
  transforms: z.array(transform).max(20),
  multipliers: z.array(z.strictObject({ ...filter, market: z.string().optional(), factor: z.number() })).max(200),
  lookback: z.strictObject({
    default: duration.optional(),
    byKind: z.record(z.string(), duration).optional(),
    byChannel: z.record(z.string(), duration).optional(),
  }),
  minimumAge: duration,
  maximumAge: duration,
  perPartnerShare: z.number(),
};

export const newPolicy = z.strictObject({ name, ...z.object(policyParts).partial().shape, model: policyParts.model });
export const policyChanges = z.strictObject({
  name: name.optional(),
  ...z.object(policyParts).partial().shape,
  minimumAge: duration.nullable().optional(),
  maximumAge: duration.nullable().optional(),
  perPartnerShare: policyParts.perPartnerShare.nullable().optional(),
});

export const policyQuery = pageQuery.extend({
  state: z.enum(['draft', 'submitted', 'approved', 'active', 'rejected', 'retired']).optional(),
});

export const policy = shown({
  id: z.string(),
  name: z.string(),
  version: z.number(),
  state: z.enum(['draft', 'submitted', 'approved', 'active', 'rejected', 'retired']),
  effectiveFrom: shownInstant.nullable().describe('Null until it is approved.'),
  evaluationId: z
    .string()
    .nullable()
    .describe('The newest re-evaluation that it asked for, which tells how far it has come; null before it is begun.'),
  model: z.looseObject({ kind: z.string() }),
}).meta({ id: 'Policy' });

export const submission = z.strictObject({
  effectiveFrom: instant.describe('At most ten years ahead; not before the last approval.'),
  reevaluateFrom: instant.optional(),
  downward: z.enum(['recover', 'waive']).default('recover'),
  feedbackId: id.optional(),
  reason,
});

export const conversionQuery = pageQuery.extend({
  externalId: z.string().max(255).optional(),
  partnerId: id.optional().describe('With a credit in force for this partner.'),
  type: z.string().max(64).optional(),
  state: z.enum(['open', 'locked']).optional(),
  from: instant.optional(),
  to: instant.optional(),
});
export const oneConversionQuery = z.strictObject({
  superseded: z
    .enum(['true', 'false'])
    .default('false')
    .describe('All generations of credits, not only those in force.'),
});

/** What a partner is credited by. */
const byContract = {
  contractId: z.string().optional(),
  contractVersion: z
    .number()
    .optional()
    .describe("The version of the partner's contract that was in force when the conversion happened."),
};
/** The policy version of a credit, by id and by name. */
export const byPolicy = {
  policyId: z.string().nullable(),
  policyName: z.string().nullable(),
  policyVersion: z.number().nullable(),
};

/** Whom a share of a conversion was credited to. */
export const credited = {
  beneficiary: z.object({ kind: z.enum(['partner', 'channel', 'program']), id: z.string(), name: z.string() }),
  channel: z.string(),
  share: z.number(),
  value: shownMoney,
  ...byContract,
};
const touchpoint = shown({
  id: z.string(),
  channel: z.string(),
  partnerId: z.string().optional(),
  kind: z.string(),
  occurredAt: shownInstant,
  receivedAt: shownInstant,
});
/** A touchpoint with its weight, or the reason why it has none. */
export const weighedTouchpoint = touchpoint.extend({
  weight: z.number(),
  factor: z
    .number()
    .describe('The product of the multipliers that match it, within what a double holds; 1 where it has no weight.'),
  multipliers: z
    .array(
      shown({
        index: z.int().min(0).describe('Its place in `multipliers` of the policy, from 0.'),
        factor: z.number(),
        text: z.string().describe('In plain words.'),
      }),
    )
    .describe('Those multipliers, in written order.'),
  reason: z.string().optional(),
  ...byContract,
});
/** Of a renewal or an instalment. */
export const inheritedFrom = z
  .string()
  .optional()
  .describe('The conversion whose shares it has; then no touchpoint of its own has weight (`inherited`).');
export const notInherited = z
  .literal('endless-parents')
  .optional()
  .describe(
    'Why its own journey decides, although it names a parent: the parents above it go round in a circle, or are more than 100. Intake refuses such conversions now.',
  );
export const moreTouchpoints = z
  .int()
  .min(1)
  .optional()
  .describe(
    'How many touchpoints within the lookback are not listed, at least: of a person with too many for one answer the newest are listed (1,000 of one conversion, 100 in a study), and none in a list of conversions.',
  );
export const conversion = shown({
  id: z.string(),
  externalId: z.string(),
  state: z.enum(['open', 'locked']),
  type: z.string(),
  value: shownMoney,
  remaining: shownMoney,
  occurredAt: shownInstant,
  receivedAt: shownInstant,
  ...byPolicy,
  inheritedFrom,
  notInherited,
  isReproduced: z
    .boolean()
    .nullable()
    .describe(
      'Whether the credit, computed again from stored facts, is the credit that is stored; null while facts wait to be credited.',
    ),
  credits: z.array(
    shown({
      ...credited,
      ...byPolicy,
      evaluationId: z.string().optional(),
      supersededBy: z.number().nullable(),
    }),
  ),
  touchpoints: z.array(weighedTouchpoint),
  lateEvidence: z.array(
    touchpoint.extend({
      reason: z
        .enum(LATE_REASONS)
        .describe(
          '`received-late`: it came after the lock; `merged-late`: a merge after the lock found it; `unmerged-late`: it counts by a merge that was taken back after the lock, until the next re-evaluation.',
        ),
    }),
  ),
  moreTouchpoints,
  moreLateEvidence: z.int().min(1).optional().describe('The same of evidence that came late.'),
  refunds: z.array(shown({ externalId: z.string(), state: z.enum(['applied', 'refused', 'waiting']) })),
}).meta({ id: 'Conversion' });

export const creditQuery = z.strictObject({
  from: instant,
  to: instant,
  groupBy: z.enum(Object.keys(CREDIT_GROUPS) as [CreditGroup, ...CreditGroup[]]).default('partner'),
  policyId: id.optional(),
});
export const creditGroup = shown({
  key: z.string().nullable(),
  conversions: z.number(),
  value: shownMoney,
  commission: shownMoney.nullable(),
});
