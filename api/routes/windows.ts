import { listWindowViews } from '../../db/queries/window-read.ts';
import type { WindowView } from '../../db/queries/window-read.ts';
import { partnerFilter, reading } from '../caller.ts';
import { pageOf } from '../contracts/answer.ts';
import { attributionWindow, windowQuery } from '../contracts/money.ts';
import { afterCursor, toPage } from '../page.ts';
import { MONEY_READERS_AND_PARTNER } from '../roles.ts';
import { ok, route } from '../route.ts';

export const WINDOW_ROUTES = [
  route({
    id: 'windows.list',
    method: 'get',
    path: '/v1/windows',
    tag: 'Money',
    summary: 'Attribution windows: what they hold, when they lock and when they are paid',
    roles: MONEY_READERS_AND_PARTNER,
    query: windowQuery,
    answer: { status: 200, schema: pageOf(attributionWindow) },
    handle: (call) =>
      reading(call, async (tx) => {
        const { limit, cursor, ...filter } = call.query;
        const partnerId = partnerFilter(call, filter.partnerId);
        const afterId = afterCursor({ limit, cursor });
        const rows = await listWindowViews(tx, { ...filter, partnerId, afterId, limit: limit + 1 });
        return ok(toPage(rows, limit, ({ id }) => id, showWindow));
      }),
  }),
];

export function showWindow({ fromAt, toAt, ...window }: WindowView) {
  return { ...window, from: fromAt, to: toAt };
}
