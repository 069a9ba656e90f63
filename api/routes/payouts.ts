import { findPayout, listPayouts } from '../../db/queries/payout.ts';
import type { PayoutRow } from '../../db/queries/payout.ts';
import { listPayoutAttempts } from '../../db/queries/payout-attempt.ts';
import type { Tx } from '../../db/transaction.ts';
import { partnerFilter, reading } from '../caller.ts';
import { pageOf } from '../contracts/answer.ts';
import { payout, payoutDetail, payoutQuery } from '../contracts/money.ts';
import { afterCursor, toPage } from '../page.ts';
import { MONEY_READERS_AND_PARTNER } from '../roles.ts';
import { ok, route } from '../route.ts';

export const PAYOUT_ROUTES = [
  route({
    id: 'payouts.list',
    method: 'get',
    path: '/v1/payouts',
    tag: 'Money',
    summary: 'Payouts, newest first',
    roles: MONEY_READERS_AND_PARTNER,
    query: payoutQuery,
    answer: { status: 200, schema: pageOf(payout) },
    handle: (call) =>
      reading(call, async (tx) => {
        const { limit, cursor, ...filter } = call.query;
        const partnerId = partnerFilter(call, filter.partnerId);
        const before = afterCursor({ limit, cursor });
        const rows = await listPayouts(tx, { ...filter, partnerId, before, limit: limit + 1 });
        return ok(toPage(rows, limit, ({ id }) => id, showPayout));
      }),
  }),
  route({
    id: 'payouts.get',
    method: 'get',
    path: '/v1/payouts/{id}',
    tag: 'Money',
    summary: 'One payout with every attempt to send it or look it up',
    roles: MONEY_READERS_AND_PARTNER,
    subject: { kind: 'payout', param: 'id' },
    answer: { status: 200, schema: payoutDetail },
    handle: (call) => reading(call, async (tx) => ok(await readPayout(tx, call.params.id))),
  }),
];

export async function readPayout(tx: Tx, id: string) {
  return { ...showPayout((await findPayout(tx, id))!), attempts: await listPayoutAttempts(tx, id) };
}

/** A payout as clients read it; the account itself stays with the payout details. */
function showPayout({ amountMinor, currency, movedMinor, detailsHash: _, ...row }: PayoutRow) {
  const moved = movedMinor === null ? null : { minor: movedMinor, currency };
  return { ...row, amount: { minor: amountMinor, currency }, moved };
}
