import { reportCredits } from '../../db/queries/credit-report.ts';
import { ownPartner, reading } from '../caller.ts';
import { listOf } from '../contracts/answer.ts';
import { creditGroup, creditQuery } from '../contracts/attribution.ts';
import { assertRange } from '../range.ts';
import { READERS_AND_PARTNER } from '../roles.ts';
import { ok, route } from '../route.ts';

export const CREDIT_ROUTES = [
  route({
    id: 'credits.list',
    method: 'get',
    path: '/v1/attribution/credits',
    tag: 'Attribution',
    summary: 'Credits in force of a range of event time, by one fact',
    roles: READERS_AND_PARTNER,
    query: creditQuery,
    answer: { status: 200, schema: listOf(creditGroup) },
    handle: (call) =>
      reading(call, async (tx) => {
        assertRange(call.query);
        return ok({ items: await reportCredits(tx, { ...call.query, partnerId: ownPartner(call) }) });
      }),
  }),
];
