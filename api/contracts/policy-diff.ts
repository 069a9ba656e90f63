import { z } from 'zod';
import { shown } from './answer.ts';
import { id } from './value.ts';

export const policyDiffQuery = z.strictObject({
  against: id.optional().describe('The version before; by default the one in force before this one.'),
});

export const policyDifference = shown({
  policyId: z.string(),
  against: z.string(),
  items: z.array(
    shown({
      path: z.string().describe('Field of the policy, for instance lookback.byKind.view.'),
      before: z.unknown().describe('What stood there; null: nothing.'),
      after: z.unknown(),
      text: z.string().describe('In plain words.'),
    }),
  ),
}).meta({ id: 'PolicyDifference' });
