import type { Tx } from '../db/transaction.ts';
import { reading } from './caller.ts';
import { afterCursor, toPage } from './page.ts';
import type { PageQuery } from './page.ts';
import { ok } from './route.ts';
import type { Answer, Call } from './route.ts';

/** What a query for a page of rows in order of their ids takes. */
export interface IdPage {
  afterId: string | undefined;
  /** One more than is shown, so that the end is known. */
  limit: number;
}

/**
 * Answers one page of a list that is sorted by id, read in one snapshot.
 * @param show what is answered of a row; the row itself when absent
 * @throws DomainError `invalid` for a cursor that is none of ours
 */
export function listById<Row extends { id: string }>(
  call: Pick<Call<unknown, PageQuery>, 'principal' | 'deps' | 'query'>,
  read: (tx: Tx, page: IdPage) => Promise<Row[]>,
  show: (row: Row) => unknown = (row) => row,
): Promise<Answer> {
  const { limit } = call.query;
  return reading(call, async (tx) => {
    const rows = await read(tx, { afterId: afterCursor(call.query), limit: limit + 1 });
    return ok(toPage(rows, limit, ({ id }) => id, show));
  });
}
