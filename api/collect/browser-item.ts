import type { z } from 'zod';
import type { Site } from '../../db/queries/site.ts';
import { collectedConversion, collectedIdentity, collectedTouchpoint } from '../contracts/collect.ts';
import { faultsText, readBy } from '../validate.ts';
import { correctedInstant } from './clock-skew.ts';

/** Why an item of a browser is not taken, before the intake looks at it. */
export interface ItemFault {
  code: 'invalid' | 'not-allowed' | 'too-old';
  detail: string;
}

/** An item in the shape of the intakes, or why not. */
export type BrowserItem = { item: Record<string, unknown> } | { fault: ItemFault };

/** What reading needs to know of the request. */
export interface BrowserSide {
  site: Site;
  skewMs: number;
  nowMs: number;
}

/** Of each kind, how an unknown value becomes an item of the one intake. */
export const READERS = {
  touchpoints: readTouchpoint,
  identities: readIdentity,
  conversions: readConversion,
} as const;

function readTouchpoint(value: unknown, side: BrowserSide): BrowserItem {
  return read(collectedTouchpoint, value, side, ({ visitorId, consent, channel, ...rest }) => ({
    item: {
      ...rest,
      // A partner's clicks count in the channel of the link, whatever a page says of it: rules and contracts pay by channel.
      channel: rest.linkCode === undefined ? channel : undefined,
      consent: { measurement: consent },
      identity: consent ? { visitorId } : {},
    },
  }));
}

function readIdentity(value: unknown, side: BrowserSide): BrowserItem {
  return read(collectedIdentity, value, side, (item) => {
    if (item.customerId !== undefined && side.site.identities === 'refuse') return customersRefused;
    return { item };
  });
}

function readConversion(value: unknown, side: BrowserSide): BrowserItem {
  return read(collectedConversion, value, side, ({ visitorId, customerId, ...rest }) => {
    if (side.site.conversions === 'refuse')
      return notAllowed('This site takes no conversions from browsers; report them from the server.');
    if (customerId !== undefined && side.site.identities === 'refuse') return customersRefused;
    return { item: { ...rest, identity: { visitorId, customerId } } };
  });
}

function read<Schema extends z.ZodType<{ occurredAt: string }>>(
  schema: Schema,
  value: unknown,
  { skewMs, nowMs }: BrowserSide,
  then: (item: z.output<Schema>) => BrowserItem,
): BrowserItem {
  const parsed = readBy(schema, value);
  if ('faults' in parsed) return { fault: { code: 'invalid', detail: faultsText(parsed.faults) } };
  const occurredAt = correctedInstant(parsed.data.occurredAt, skewMs, nowMs);
  if (occurredAt === null)
    return { fault: { code: 'too-old', detail: 'occurredAt: A browser reports what happened within a day.' } };
  return then({ ...parsed.data, occurredAt });
}

const notAllowed = (detail: string): BrowserItem => ({ fault: { code: 'not-allowed', detail } });

const customersRefused = notAllowed('This site lets no browser say who its customer is; report it from the server.');
