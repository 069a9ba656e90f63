import { z } from 'zod';
import { shown, shownInstant } from './answer.ts';

export const withdrawal = z.strictObject({
  identity: z
    .strictObject({
      visitorId: z.string().max(255).optional(),
      customerId: z.string().max(255).optional(),
      emailHash: z.string().max(255).optional(),
    })
    .describe('At least one id of the person; all ids that were merged with it go with it'),
});

export const withdrawn = shown({
  identities: z.int().describe('Ids of the person that name nobody any more; 0 when none was known'),
  touchpoints: z.int().describe('Touchpoints that stay, without a person behind them'),
  receivedAt: shownInstant,
});
