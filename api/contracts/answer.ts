import { z } from 'zod';
import { money } from './value.ts';

/** What answers consist of. They are documented, not validated: fields may be added, none renamed. */
export const shownMoney = money;
export const shownInstant = z.string().meta({ description: 'RFC 3339, Z' });

/** An object of which the contract names what clients read; more fields may come. */
export const shown = z.looseObject;

/** A page of a list. */
export function pageOf(item: z.ZodType): z.ZodType {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** All items at once. */
export function listOf(item: z.ZodType): z.ZodType {
  return z.object({ items: z.array(item) });
}
