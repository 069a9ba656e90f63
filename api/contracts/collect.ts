import { z } from 'zod';
import { shown } from './answer.ts';
import { instant } from './value.ts';

/** Items of one kind in one request: a browser has seen no more. */
const MOST_OF_A_KIND = 50;

const text = z.string().min(1).max(255);
const visitorId = z.string().regex(/^[\w-]{8,64}$/, 'Give 8–64 letters, digits, _ or -.');
/** Handed on as it is: a reader of contracts would lose a field called `__proto__`. The intake says what is wrong with it. */
const properties = z.unknown().meta({ type: 'object', properties: {}, additionalProperties: {} }).optional();

/** A contact that the browser saw. It names a visitor and nothing else; a partner only by the link that was followed. */
export const collectedTouchpoint = z.strictObject({
  id: z
    .string()
    .regex(/^[\w-]{16,64}$/, 'Give 16–64 letters, digits, _ or -: made once, so that it can be sent twice.'),
  kind: z.enum(['visit', 'event', 'click']),
  visitorId: visitorId.optional(),
  channel: text.optional().describe('Left aside beside `linkCode`: the link decides'),
  linkCode: text.optional(),
  subId: text.optional(),
  occurredAt: instant,
  consent: z.boolean().describe('Whether the person agreed to measurement; without, nobody is named'),
  properties,
});

/** The visitor is whoever followed the link, or the customer who signed in. */
export const collectedIdentity = z.strictObject({
  visitorId,
  clickId: text.optional(),
  customerId: text.optional(),
  occurredAt: instant,
});

export const collectedConversion = z.strictObject({
  externalId: text,
  visitorId: visitorId.optional(),
  customerId: text.optional(),
  clickId: text.optional(),
  couponCode: text.optional(),
  type: text,
  value: z.strictObject({ minor: z.int(), currency: z.string() }),
  newCustomer: z.boolean().optional(),
  vertical: text.optional(),
  country: text.optional(),
  product: text.optional(),
  occurredAt: instant,
  properties,
});

/** Each item is read by itself, so that a bad one never stops the others. */
const itemsOf = (item: z.ZodType) =>
  z
    .array(
      z.unknown().meta({
        override: z.toJSONSchema(item, { io: 'input', target: 'draft-2020-12', unrepresentable: 'any' }) as object,
      }),
    )
    .max(MOST_OF_A_KIND)
    .default([]);

/** What a page sends, as JSON in `text/plain` so that a browser asks nobody first. */
export const collection = z.strictObject({
  key: z.string().describe('`pk_…` of the site'),
  sentAt: instant.describe("The browser's clock when it sent this, from which a wrong clock is seen"),
  touchpoints: itemsOf(collectedTouchpoint),
  identities: itemsOf(collectedIdentity),
  conversions: itemsOf(collectedConversion),
});

/** The key may write and not read: what was there before counts as accepted, and no id is told. */
export const collected = shown({
  accepted: z.int(),
  rejected: z.array(z.object({ path: z.string(), code: z.string(), detail: z.string() })),
});
