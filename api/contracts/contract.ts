import { z } from 'zod';
import { pageQuery } from '../page.ts';
import { shown, shownInstant } from './answer.ts';
import { id, instant, reason, text, word } from './value.ts';

export const contractQuery = pageQuery.extend({ partnerId: id.optional() });

const EXPIRES =
  'How long the contract runs from its start, an ISO 8601 duration: to the end of its last day in the time zone of the partner, or exactly where it has a time part. Absent: it does not expire.';

/** Changes of terms (api.md §3); their rules are checked by the domain, field by field. */
const changes = z.looseObject({
  expires: z.string().nullable().optional().describe(`${EXPIRES} Null takes it out of the terms.`),
});
const terms = z.looseObject({ expires: z.string().optional().describe(EXPIRES) });

export const amendment = z.strictObject({
  mode: z.enum(['propose', 'replace']),
  changes,
  effectiveFrom: instant.describe('From now on, at most ten years ahead.'),
  reason: reason.optional(),
});

export const newTemplate = z.strictObject({
  name: text(200),
  body: text(100_000),
  partnerTypes: z.array(word).max(50).optional(),
  terms: changes.describe('A part of the terms; what is left out has the defaults of the program.'),
});

export const template = shown({
  id: z.string(),
  name: z.string(),
  version: z.number(),
  partnerTypes: z.array(z.string()),
  terms,
  body: z.string(),
  active: z.boolean(),
}).meta({ id: 'ContractTemplate' });

export const contract = shown({
  id: z.string(),
  partnerId: z.string(),
  round: z.number(),
  templateId: z.string(),
  state: z.string(),
  version: z.number(),
}).meta({ id: 'Contract' });

export const contractDetail = contract.extend({
  expiresAt: shownInstant.nullable().describe('When it expires by the versions that came or will come into force.'),
  versions: z.array(
    shown({
      version: z.number(),
      terms,
      hash: z.string(),
      documentUrl: z.string().nullable(),
      documentIsSigned: z.boolean().describe('Whether the document carries both signatures.'),
      inForceSince: shownInstant.nullable(),
      diff: z.array(z.object({ path: z.string(), before: z.string(), after: z.string(), text: z.string() })),
      signatures: z.array(shown({ side: z.string(), signatoryName: z.string(), at: shownInstant })),
    }),
  ),
});

export const amended = z.object({ contractId: z.string(), version: z.number() });
