import { z } from 'zod';
import { CREDIT_GROUPS } from '../../db/queries/credit-group.ts';
import type { CreditGroup } from '../../db/queries/credit-group.ts';
import { shown, shownInstant, shownMoney } from './answer.ts';
import { currency, instant } from './value.ts';

export const performanceQuery = z.strictObject({
  from: instant,
  to: instant,
  groupBy: z.enum(Object.keys(CREDIT_GROUPS) as [CreditGroup, ...CreditGroup[]]).default('partner'),
  currency: currency.optional().describe("The program's by default."),
});

export const performance = shown({
  from: shownInstant,
  to: shownInstant,
  groupBy: z.string(),
  currency: z.string(),
  items: z.array(
    shown({
      key: z.string().nullable(),
      clicks: z.number(),
      conversions: z.number(),
      value: shownMoney,
      newCustomers: z.number(),
      commission: shownMoney,
      costPerSale: shownMoney.nullable(),
      conversionRate: z.number().nullable(),
      earningsPerClick: shownMoney.nullable(),
      unconverted: z.array(shownMoney).describe('Value without a rate of its day; it is not in `value`.'),
      unconvertedCommission: z
        .array(shownMoney)
        .describe('Commission without a rate of its day; with any, cost per sale and earnings per click are null.'),
    }),
  ),
});

export const healthQuery = z.strictObject({
  from: instant.optional().describe('30 days ago by default.'),
  to: instant.optional().describe('Now by default.'),
});

export const programmeHealth = shown({
  tasks: z.array(shown({ kind: z.string(), role: z.string(), open: z.number(), overdue: z.number() })),
  sla: shown({
    ended: z.number(),
    inTime: z.number(),
    kept: z.number().nullable(),
    kinds: z.array(shown({ kind: z.string(), ended: z.number(), inTime: z.number(), kept: z.number().nullable() })),
  }),
  waitingForEnd: z
    .array(shown({ amount: shownMoney, commissions: z.number(), partners: z.number() }))
    .describe('In currencies that contracts had before: stated, and then paid, after the end of each contract.'),
  manualTouches: shown({ decisions: z.number(), partners: z.number(), perPartner: z.number().nullable() }),
  funnel: z.array(z.object({ stage: z.string(), now: z.number(), reached: z.number() })),
});
