import { payAfterHold } from '../../domain/settlement/calendar.ts';
import { epochMs } from '../../domain/time/instant.ts';
import { listCommissionViews } from '../../db/queries/commission-read.ts';
import type { CommissionView } from '../../db/queries/commission-read.ts';
import { partnerFilter, reading } from '../caller.ts';
import { pageOf } from '../contracts/answer.ts';
import { commission, commissionQuery } from '../contracts/money.ts';
import { afterCursor, toPage } from '../page.ts';
import { assertRange } from '../range.ts';
import { MONEY_READERS_AND_PARTNER } from '../roles.ts';
import { ok, route } from '../route.ts';
import { zoneOf } from '../zone.ts';

export const COMMISSION_ROUTES = [
  route({
    id: 'commissions.list',
    method: 'get',
    path: '/v1/commissions',
    tag: 'Money',
    summary: 'Commissions with how far their money has come',
    roles: MONEY_READERS_AND_PARTNER,
    query: commissionQuery,
    answer: { status: 200, schema: pageOf(commission) },
    handle: (call) =>
      reading(call, async (tx) => {
        const { limit, cursor, ...filter } = call.query;
        assertRange(filter);
        const rows = await listCommissionViews(tx, {
          ...filter,
          partnerId: partnerFilter(call, filter.partnerId),
          afterId: afterCursor({ limit, cursor }),
          limit: limit + 1,
        });
        return ok(toPage(rows, limit, ({ id }) => id, showCommission));
      }),
  }),
  route({
    id: 'commissions.get',
    method: 'get',
    path: '/v1/commissions/{id}',
    tag: 'Money',
    summary: 'One commission: rule, versions, why it is held or was reversed, when it is paid',
    roles: MONEY_READERS_AND_PARTNER,
    subject: { kind: 'commission', param: 'id' },
    answer: { status: 200, schema: commission },
    handle: (call) =>
      reading(call, async (tx) =>
        ok(showCommission((await listCommissionViews(tx, { id: call.params.id, limit: 1 }))[0]!)),
      ),
  }),
];

/** A commission as clients read it (api.md §3). */
export function showCommission(view: CommissionView) {
  const reason = view.holdReason ?? view.reason ?? (view.heldBecause === 'hold-time' ? 'hold-time' : null);
  return {
    id: view.id,
    partnerId: view.partnerId,
    conversionId: view.conversionId,
    kind: view.kind,
    amount: { minor: view.amountMinor, currency: view.currency },
    cutOff: { minor: view.cappedMinor, currency: view.currency },
    state: view.state,
    windowId: view.windowId,
    windowNo: view.windowNo,
    statementId: view.statementId,
    rule: view.rule,
    contractId: view.contractId,
    contractVersion: view.contractVersion,
    policyId: view.policyId,
    ...(view.evaluationId ? { evaluationId: view.evaluationId } : {}),
    ...(view.adjustmentId ? { adjustmentId: view.adjustmentId } : {}),
    ledgerEntryId: view.entryId,
    expectedPayAt: view.waitsForEnd ? null : expectedPayAt(view),
    ...(view.waitsForEnd ? { waitsFor: 'end-of-contract' as const } : {}),
    ...(view.heldBecause ? { heldBecause: view.heldBecause } : {}),
    ...(view.heldBecause === 'hold-time' ? { heldUntil: view.payableFrom } : {}),
    ...(reason ? { reason } : {}),
    occurredAt: view.conversionAt,
    createdAt: view.createdAt,
  };
}

/** As its statement says, or as the calendar of its contract will have it after lock and hold (settlement.md §2). */
function expectedPayAt({
  statementPayAt,
  windowPayAt,
  payableFrom,
  locksAt,
  calendar,
  timeZone,
}: CommissionView): string {
  if (statementPayAt !== null) return statementPayAt;
  const [locksAtMs, freeMs] = [epochMs(locksAt), epochMs(payableFrom)];
  if (calendar === null || freeMs <= locksAtMs) return windowPayAt;
  const contract = { calendar, zone: zoneOf(timeZone), startMs: 0 };
  const window = { fromMs: 0, toMs: 0, locksAtMs, statementAtMs: 0, paysAtMs: 0 };
  return new Date(payAfterHold(contract, window, freeMs).paysAtMs).toISOString();
}
