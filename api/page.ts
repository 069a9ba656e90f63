import { z } from 'zod';
import { invalid } from '../domain/errors.ts';
import type { DomainError } from '../domain/errors.ts';

/** Query parameters of every list. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('How many items, 200 at most.'),
  cursor: z.string().max(1_000).optional().describe('`nextCursor` of the page before.'),
});

export type PageQuery = z.output<typeof pageQuery>;

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** The sort key after which the page starts. @throws DomainError `invalid` */
export function afterCursor(query: PageQuery): string | undefined {
  if (query.cursor === undefined) return undefined;
  const text = Buffer.from(query.cursor, 'base64url').toString('utf8');
  if (text === '' || text.includes('\0') || toCursor(text) !== query.cursor) {
    throw refusedCursor();
  }
  return text;
}

/** What to throw at a cursor that is none of ours. */
export function refusedCursor(): DomainError {
  return invalid('cursor', 'Give the nextCursor of the page before, unchanged.');
}

/**
 * Makes a page of rows that were read with `limit + 1`.
 * @param key the row's sort key, unique and stable
 */
export function toPage<Row, Item>(
  rows: Row[],
  limit: number,
  key: (row: Row) => string,
  item: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(item),
    nextCursor: rows.length > limit && last !== undefined ? toCursor(key(last)) : null,
  };
}

/** A page of a list that is read whole, in an order of its own. @throws DomainError `invalid` for a cursor that is none of ours */
export function pageOfWhole<Item>(query: PageQuery, items: Item[], key: (item: Item) => string): Page<Item> {
  const after = afterCursor(query);
  const place = after === undefined ? -1 : items.findIndex((item) => key(item) === after);
  if (after !== undefined && place < 0) throw refusedCursor();
  return toPage(items.slice(place + 1, place + 2 + query.limit), query.limit, key, (item) => item);
}

function toCursor(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url');
}
