import { z } from 'zod';
import { shown, shownInstant } from './answer.ts';

export const dossier = shown({
  kind: z.enum(['partner', 'conversion', 'payout']),
  id: z.string(),
  madeAt: shownInstant,
  verification: z.object({
    chain: z.string().describe('`ok`, or the first fault of the record’s hash chain.'),
    ledger: z.string().describe('`ok`, or the first fault of the books.'),
    recomputation: z.string().describe('`ok`, or the first figure that its facts do not give again.'),
  }),
  chainHead: shown({ seq: z.number(), hash: z.string() }).nullable(),
  decisions: z.array(shown({ taskId: z.string(), kind: z.string(), outcome: z.string().nullable() })),
  events: z.array(shown({ id: z.string(), at: shownInstant, kind: z.string(), text: z.string() })),
}).meta({ id: 'Dossier' });
