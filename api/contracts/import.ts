import { z } from 'zod';
import { IMPORT_KINDS, IMPORT_STATES } from '../../db/import/kind.ts';
import { pageQuery } from '../page.ts';
import { shown, shownInstant } from './answer.ts';

export const importQuery = z.strictObject({
  kind: z.enum(IMPORT_KINDS).describe('What each row is; the fields are those of the JSON intake.'),
});

export const acceptedImport = z.object({ id: z.string() });

export const importListQuery = pageQuery.extend({ state: z.enum(IMPORT_STATES).optional() });

/** `limit` and `cursor` page through the errors, by line. */
export const importErrorsQuery = pageQuery.extend({
  limit: z.coerce.number().int().min(1).max(1_000).default(200).describe('How many errors, 1,000 at most.'),
});

const COUNTS = {
  id: z.string(),
  kind: z.enum(IMPORT_KINDS),
  state: z.enum(IMPORT_STATES),
  progress: z.object({ done: z.int(), total: z.int().nullable() }),
  read: z.int().describe('Data rows; the header is none.'),
  accepted: z.int(),
  duplicate: z.int(),
  rejected: z.int(),
  failure: z.string().nullable(),
  createdAt: shownInstant,
};

export const importState = shown({
  ...COUNTS,
  errors: z
    .array(z.object({ line: z.int(), code: z.string(), detail: z.string() }))
    .describe('Every line that was refused, by its number from 1 on, the header counted.'),
  nextCursor: z.string().nullable(),
}).meta({ id: 'Import' });

/** One of a list, which leaves the errors to the import itself. */
export const listedImport = shown(COUNTS).meta({ id: 'ListedImport' });

/** What was taken before, and stays. */
export const cancelledImport = shown(COUNTS).meta({ id: 'CancelledImport' });
