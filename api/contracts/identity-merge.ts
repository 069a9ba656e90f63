import { z } from 'zod';
import { pageQuery } from '../page.ts';
import { shown, shownInstant } from './answer.ts';
import { id, reason } from './value.ts';

const value = z.string().min(1).max(255);

/** The person whose merges are asked for; the handler wants exactly one of the names. */
export const identityMergeQuery = pageQuery.extend({
  identityId: id.optional(),
  visitorId: value.optional(),
  customerId: value.optional(),
  emailHash: value.optional(),
  conversionId: id.optional().describe('Whoever bought.'),
});

const named = z.object({ id: z.string(), kind: z.enum(['visitor', 'customer', 'email']), value: z.string() });

export const identityMerge = shown({
  id: z.string(),
  a: named,
  b: named,
  cause: z.string().describe('The event that said that the two are one person.'),
  refusedReason: z.string().nullable(),
  occurredAt: shownInstant,
  receivedAt: shownInstant,
  undo: z.object({ reason: z.string(), by: z.string(), at: shownInstant }).nullable(),
}).meta({ id: 'IdentityMerge' });

export const mergeUndo = z.strictObject({ reason });
