import { z } from 'zod';
import { PAYOUT_STATES } from '../../domain/payout/state.ts';
import { parseRate } from '../../domain/money/rate.ts';
import { COMMISSION_STATES } from '../../db/queries/commission-read.ts';
import { pageQuery } from '../page.ts';
import { shown, shownInstant, shownMoney } from './answer.ts';
import { currency, id, instant, money, reason, text } from './value.ts';

const range = { from: instant.optional().describe('Inclusive.'), to: instant.optional().describe('Exclusive.') };

export const commissionQuery = pageQuery.extend({
  partnerId: id.optional(),
  conversionId: id.optional(),
  windowId: id.optional(),
  statementId: id.optional(),
  state: z.enum(COMMISSION_STATES).optional(),
  kind: z.enum(['earned', 'refund', 'adjustment', 'goodwill', 'manual']).optional(),
  ...range,
});

export const commission = shown({
  id: z.string(),
  partnerId: z.string(),
  conversionId: z.string().nullable(),
  kind: z.enum(['earned', 'refund', 'adjustment', 'goodwill', 'manual']),
  amount: shownMoney,
  state: z.enum(COMMISSION_STATES),
  windowId: z.string(),
  rule: z.unknown(),
  contractVersion: z.number().nullable(),
  policyId: z.string().nullable(),
  evaluationId: z.string().optional(),
  expectedPayAt: shownInstant.nullable().describe('Null while it waits for the end of its contract.'),
  waitsFor: z
    .enum(['end-of-contract'])
    .optional()
    .describe(
      'It is in a currency that the contract had before: it is stated, and then paid, after the end of the contract.',
    ),
  reason: z.string().optional(),
}).meta({ id: 'Commission' });

export const newHold = z
  .strictObject({
    commissionIds: z.array(id).min(1).max(100).optional(),
    partnerId: id.optional(),
    until: instant.optional().describe('After now; left out: until another person lifts or confirms it.'),
    reason,
  })
  .refine(({ commissionIds, partnerId }) => (commissionIds === undefined) !== (partnerId === undefined), {
    path: ['commissionIds'],
    message: 'Name either commissions or a partner.',
  });

export const holdQuery = pageQuery.extend({
  partnerId: id.optional(),
  state: z.enum(['standing', 'ended']).optional(),
});

export const hold = shown({
  id: z.string(),
  partnerId: z.string(),
  commissionId: z.string().nullable(),
  reason: z.string(),
  until: shownInstant.nullable(),
  state: z.enum(['standing', 'lifted', 'confirmed', 'elapsed']),
  taskId: z.string().nullable(),
}).meta({ id: 'Hold' });

export const liftHold = z.strictObject({ reason: text(5_000).optional() });

export const windowQuery = pageQuery.extend({ partnerId: id.optional(), ...range });
export const attributionWindow = shown({
  id: z.string(),
  partnerId: z.string(),
  no: z.number(),
  from: shownInstant,
  to: shownInstant,
  locksAt: shownInstant,
  state: z.enum(['open', 'closed', 'locked']),
}).meta({ id: 'AttributionWindow' });

export const statementQuery = pageQuery.extend({ partnerId: id.optional() });
export const statement = shown({
  id: z.string(),
  partnerId: z.string(),
  windowId: z.string(),
  state: z.string(),
  net: shownMoney,
  vat: shownMoney,
  gross: shownMoney,
  carryIn: shownMoney,
  carryOut: shownMoney,
  amount: shownMoney.describe('What is to be paid out.'),
}).meta({ id: 'Statement' });
export const statementDetail = statement.extend({
  lines: z.array(shown({ commissionId: z.string(), amount: shownMoney })),
  invoice: shown({ number: z.string() }).nullable(),
});

export const payoutQuery = pageQuery.extend({ partnerId: id.optional(), ...range });
export const payout = shown({
  id: z.string(),
  partnerId: z.string(),
  statementId: z.string(),
  amount: shownMoney,
  state: z.enum(PAYOUT_STATES),
  approvedBy: z.string().nullable(),
  releasedBy: z.string().nullable(),
}).meta({ id: 'Payout' });
export const payoutDetail = payout.extend({ attempts: z.array(shown({ no: z.number(), kind: z.string() })) });

export const accountQuery = pageQuery.extend({ partnerId: id.optional() });
export const account = shown({
  account: z.string(),
  partnerId: z.string().nullable(),
  currency: z.string(),
  debit: shownMoney,
  credit: shownMoney,
  balance: shownMoney.describe('Credits minus debits.'),
});

export const entryQuery = pageQuery.extend({
  account: z.string().max(200).optional().describe('`bank`, `pending`, or `pending:prt_…`.'),
  subject: id.optional().describe('A window, statement, payout, conversion, commission, adjustment or hold.'),
  partnerId: id.optional(),
  ...range,
});
export const ledgerEntry = shown({
  id: z.string(),
  kind: z.string(),
  cause: z.string(),
  at: shownInstant,
  postings: z.array(z.object({ account: z.string(), side: z.enum(['debit', 'credit']), amount: shownMoney })),
}).meta({ id: 'LedgerEntry' });

export const newAdjustment = z.strictObject({
  partnerId: id,
  value: money.refine(({ minor }) => minor !== 0, { path: ['minor'], message: 'Give an amount that is not zero.' }),
  reason,
  relatesTo: id.optional().describe('What it corrects: a conversion, commission, case or statement.'),
});
export const adjustmentQuery = pageQuery.extend({
  partnerId: id.optional(),
  state: z.enum(['submitted', 'approved', 'rejected']).optional(),
});
export const adjustment = shown({
  id: z.string(),
  partnerId: z.string(),
  value: shownMoney,
  reason: z.string(),
  relatesTo: z.string().nullable(),
  state: z.enum(['submitted', 'approved', 'rejected']),
  taskId: z.string().nullable(),
}).meta({ id: 'Adjustment' });

/** The next day of each has a year of four digits, too. */
export const day = z.iso
  .date({ error: 'Give a day such as 2026-01-31.', abort: true })
  .refine((text) => text >= '1900-01-01' && text < '9999-12-31', 'Give a day from 1900-01-01 to 9999-12-30.');
const rate = z
  .union([z.string().max(30), z.number().positive()])
  .transform(String)
  .refine((value) => isRate(value), 'Give a positive decimal such as "150.37", with twelve places at most.');

export const fxRates = z.strictObject({
  items: z
    .array(
      z
        .strictObject({ base: currency, quote: currency, day, rate, source: text(200).default('manual') })
        .refine(({ base, quote }) => base !== quote, {
          path: ['quote'],
          message: 'Give another currency than the base.',
        }),
    )
    .min(1)
    .max(1_000),
});
export const fxRateQuery = pageQuery.extend({
  base: currency.optional(),
  quote: currency.optional(),
  from: day.optional(),
  to: day.optional(),
});
export const fxRate = shown({
  base: z.string(),
  quote: z.string(),
  day: z.string(),
  rate: z.string(),
  source: z.string(),
  usedAt: shownInstant.nullable(),
});

function isRate(value: string): boolean {
  try {
    return parseRate(value).num > 0n;
  } catch {
    return false;
  }
}
