import { z } from 'zod';
import { CHANNEL_FAULT, CHANNEL_PATTERN } from '../../domain/attribution/name.ts';
import { pageQuery } from '../page.ts';
import { sendableUrl } from '../redirect-url.ts';
import { shown, shownInstant } from './answer.ts';
import { id, text, webUrl } from './value.ts';

const code = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{2,63}$/, 'Give 3–64 letters, digits, _ or -.');

/** Characters of a destination as it is sent: proxies hold answers whose headers take 4 kB, and not much more. */
const LONGEST_SENT = 2_000;

export const newLink = z.strictObject({
  partnerId: id,
  destination: webUrl.refine(
    (url) => sendableUrl(url).length <= LONGEST_SENT,
    `Give an address of at most ${LONGEST_SENT.toLocaleString('en')} characters, percent-encoded.`,
  ),
  channel: z.string().regex(CHANNEL_PATTERN, CHANNEL_FAULT).optional(),
  code: code.optional(),
  contentId: id.optional(),
  subId: text(255).optional(),
});

export const link = shown({
  id: z.string(),
  partnerId: z.string().nullable(),
  code: z.string(),
  url: z.string(),
  destination: z.string(),
  channel: z.string().nullable(),
  contentId: z.string().nullable(),
  subId: z.string().nullable(),
  createdAt: shownInstant,
}).meta({ id: 'Link' });

export const newCoupon = z.strictObject({
  partnerId: id,
  code: z.string().regex(/^[\p{L}\p{N}_-]{2,64}$/u, 'Give 2–64 letters, digits, _ or -.'),
  contentId: id.optional(),
});
export const coupon = shown({
  id: z.string(),
  partnerId: z.string(),
  code: z.string(),
  contentId: z.string().nullable(),
  createdAt: shownInstant,
});

export const trackingQuery = pageQuery.extend({ partnerId: id.optional() });

/** The envelope of the four intakes; each item is read by itself, so that a bad one never stops the others. */
export const intake = (item: z.ZodType) => z.strictObject({ items: z.array(item).min(1).max(1_000) });

const emailHash = z
  .string()
  .optional()
  .describe(
    'SHA-256 of the address without spaces around it, in lower case, as hex. The hash of another form joins persons as well, but the screen for self-referral cannot compare it.',
  );

const identity = z
  .looseObject({
    visitorId: z.string().optional(),
    customerId: z.string().optional(),
    emailHash,
  })
  .optional();
const item = (description: string, fields: z.ZodRawShape) =>
  z.unknown().meta({ override: { type: 'object', description, properties: describeFields(fields) } });

function describeFields(fields: z.ZodRawShape): Record<string, object> {
  const { properties } = z.toJSONSchema(z.looseObject(fields), { io: 'input' }) as {
    properties: Record<string, object>;
  };
  return properties;
}

const occurredAt = z.string().describe('RFC 3339, any offset');
const value = z.object({ minor: z.int(), currency: z.string() });

export const touchpointIntake = intake(
  item('A touchpoint', {
    id: z.string().optional().describe('Made from the content when absent'),
    identity,
    channel: z.string(),
    partnerId: z.string().optional(),
    linkCode: z.string().optional(),
    couponCode: z.string().optional(),
    kind: z.enum(['click', 'view', 'code', 'visit', 'event']),
    subId: z.string().optional(),
    occurredAt,
    consent: z.object({ measurement: z.boolean() }).optional().describe('Absent: given'),
    properties: z.looseObject({}).optional(),
  }),
);

export const conversionIntake = intake(
  item('A conversion', {
    externalId: z.string(),
    identity,
    clickId: z
      .string()
      .optional()
      .describe('From the landing page: whoever followed the link. Its click may be stored later, and is merged then'),
    couponCode: z.string().optional(),
    type: z.string(),
    value,
    newCustomer: z.boolean().optional(),
    vertical: z.string().optional(),
    country: z.string().optional(),
    product: z.string().optional(),
    parentExternalId: z
      .string()
      .optional()
      .describe(
        'Of a renewal or an instalment: the conversion whose shares it has, which may come later. Refused as `parent-cycle` where it would be its own ancestor, as `too-many-parents` where more than 100 would stand one above the other.',
      ),
    occurredAt,
    properties: z.looseObject({}).optional(),
  }),
);

export const refundIntake = intake(
  item('A refund, partial or whole', {
    externalId: z.string(),
    conversionExternalId: z.string(),
    value: value.optional().describe('Absent: all that is left'),
    occurredAt,
    reason: z.string(),
  }),
);

export const identityIntake = intake(
  item('These are one person: at least two of the four', {
    visitorId: z.string().optional(),
    customerId: z.string().optional(),
    emailHash,
    clickId: z.string().optional().describe('Whoever followed the link, also where the click is stored later'),
    occurredAt,
  }),
);

export const intakeResults = z
  .object({
    results: z.array(
      z.object({
        index: z.int(),
        id: z.string().nullable().describe('Of what is stored; of what is rejected the one that was sent.'),
        externalId: z.string().optional().describe('Of a rejected item, as it was sent.'),
        status: z.enum(['accepted', 'duplicate', 'rejected']),
        code: z.string().optional(),
        detail: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'IntakeResults' });
