import { listFxRates, putFxRates } from '../../db/queries/fx-rate.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { caller, reading, writing } from '../caller.ts';
import { listOf, pageOf } from '../contracts/answer.ts';
import { day, fxRate, fxRateQuery, fxRates } from '../contracts/money.ts';
import { nudgeFeed } from '../nudge.ts';
import { afterCursor, refusedCursor, toPage } from '../page.ts';
import { actorOf } from '../principal.ts';
import { MONEY_READERS } from '../roles.ts';
import { ok, route } from '../route.ts';
import { refusedFields } from '../validate.ts';

export const FX_RATE_ROUTES = [
  route({
    id: 'fx-rates.list',
    method: 'get',
    path: '/v1/fx-rates',
    tag: 'Money',
    summary: 'Rates of exchange by day, newest first',
    roles: MONEY_READERS,
    query: fxRateQuery,
    answer: { status: 200, schema: pageOf(fxRate) },
    handle: (call) =>
      reading(call, async (tx) => {
        const { limit, cursor, ...filter } = call.query;
        const after = rateAfter(afterCursor({ limit, cursor }));
        const rows = await listFxRates(tx, { ...filter, after, limit: limit + 1 });
        return ok(
          toPage(
            rows,
            limit,
            ({ day, base, quote }) => `${day} ${base} ${quote}`,
            (row) => row,
          ),
        );
      }),
  }),
  route({
    id: 'fx-rates.put',
    method: 'put',
    path: '/v1/fx-rates',
    tag: 'Money',
    summary: 'Stores rates; a rate that was used is immutable',
    roles: ['owner', 'finance'],
    body: fxRates,
    answer: { status: 200, schema: listOf(fxRate) },
    handle: async (call) => {
      const { items } = call.body;
      const keys = items.map(({ day, base, quote }) => `${day} ${base} ${quote}`);
      const again = keys.findIndex((key, index) => keys.indexOf(key) !== index);
      if (again >= 0) throw refusedFields([{ path: `items.${again}.day`, message: 'Give each pair and day once.' }]);
      const { programId } = caller(call);
      await writing(call, async (tx) => {
        await putFxRates(tx, items);
        await recordEvent(tx, {
          kind: 'fx-rates.stored',
          actor: actorOf(caller(call)),
          subject: { type: 'program', id: programId },
          data: { rates: items.length },
          at: new Date().toISOString(),
        });
      });
      nudgeFeed(call.deps, programId);
      return ok({ items });
    },
  }),
];

/** `day base quote` of the last rate that was shown. @throws DomainError `invalid` for a cursor of something else */
function rateAfter(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const [at, ...pair] = cursor.split(' ');
  const isPair = pair.length === 2 && pair.every((code) => /^[A-Z]{3}$/.test(code));
  if (!isPair || !day.safeParse(at).success) throw refusedCursor();
  return cursor;
}
