import { DomainError } from '../../domain/errors.ts';
import { compareInstants } from '../../domain/time/instant.ts';
import { idFromSuffix } from '../../db/ids.ts';
import { findHeldCommission } from '../../db/queries/hold.ts';
import { listHoldViews } from '../../db/queries/hold-read.ts';
import type { HoldView } from '../../db/queries/hold-read.ts';
import { findSubject } from '../../db/queries/subject.ts';
import type { Tx } from '../../db/transaction.ts';
import { requestApproval } from '../../workflows/messages.ts';
import { caller, partnerFilter, reading } from '../caller.ts';
import { command } from '../command.ts';
import { complete, itemCommandId } from '../complete-task.ts';
import { listOf, pageOf } from '../contracts/answer.ts';
import { hold, holdQuery, liftHold, newHold } from '../contracts/money.ts';
import { nthSuffix } from '../nth-suffix.ts';
import { listById } from '../list.ts';
import { MONEY_READERS_AND_PARTNER } from '../roles.ts';
import { created, ok, route } from '../route.ts';
import type { Call } from '../route.ts';
import { refusedFields } from '../validate.ts';

export const HOLD_ROUTES = [
  route({
    id: 'holds.list',
    method: 'get',
    path: '/v1/holds',
    tag: 'Money',
    summary: 'Holds on commissions, and how they ended',
    roles: MONEY_READERS_AND_PARTNER,
    query: holdQuery,
    answer: { status: 200, schema: pageOf(hold) },
    handle: (call) => {
      const { state } = call.query;
      const partnerId = partnerFilter(call, call.query.partnerId);
      const isStanding = state && state === 'standing';
      return listById(call, (tx, page) => listHoldViews(tx, { partnerId, isStanding, ...page }), showHold);
    },
  }),
  route({
    id: 'holds.create',
    method: 'post',
    path: '/v1/holds',
    tag: 'Money',
    summary: 'Holds commissions, or everything of a partner, until another person lifts or confirms it',
    roles: ['finance', 'partner_manager'],
    body: newHold,
    answer: { status: 201, schema: listOf(hold) },
    handle: async (call) => {
      const { commissionIds, partnerId } = call.body;
      await reading(call, (tx) => assertHoldable(tx, call.body));
      const wanted = commissionIds ? [...new Set(commissionIds)].map((id) => ({ commissionId: id })) : [{ partnerId }];
      const items = [];
      for (const [index, about] of wanted.entries()) items.push(await placeHold(call, index, about));
      return created({ items });
    },
  }),
  route({
    id: 'holds.lift',
    method: 'post',
    path: '/v1/holds/{id}/lift',
    tag: 'Money',
    summary: 'Lifts a hold that another person placed: the same as deciding its review so',
    roles: ['finance'],
    subject: { kind: 'hold', param: 'id' },
    body: liftHold,
    answer: { status: 200, schema: hold },
    handle: async (call) => {
      const { id } = call.params;
      const before = await reading(call, async (tx) => (await listHoldViews(tx, { id, limit: 1 }))[0]!);
      if (!before.reviewTaskId) {
        throw new DomainError('conflict', 'The review of this hold is not open yet; try again in a moment.');
      }
      await complete(call, before.reviewTaskId, { outcome: 'lift', ...call.body });
      return ok(await reading(call, async (tx) => showHold((await listHoldViews(tx, { id, limit: 1 }))[0]!)));
    },
  }),
];

async function assertHoldable(
  tx: Tx,
  { commissionIds, partnerId, until }: { commissionIds?: string[]; partnerId?: string; until?: string },
): Promise<void> {
  if (until !== undefined && compareInstants(until, new Date().toISOString()) <= 0) {
    throw refusedFields([{ path: 'until', message: 'Such a hold would be over; give an instant from now on.' }]);
  }
  if (partnerId !== undefined && !(await findSubject(tx, 'partner', partnerId))) {
    throw refusedFields([{ path: 'partnerId', message: `There is no partner ${partnerId}.` }]);
  }
  for (const [index, id] of (commissionIds ?? []).entries()) {
    if (!(await findHeldCommission(tx, id))) {
      throw refusedFields([{ path: `commissionIds.${index}`, message: `There is no commission ${id}.` }]);
    }
  }
}

async function placeHold(
  call: Call<unknown, unknown, { until?: string; reason: string }>,
  index: number,
  about: { commissionId?: string; partnerId?: string },
) {
  const { programId } = caller(call);
  const subjectId = idFromSuffix('hold', nthSuffix(call.seed, index));
  const { until, reason } = call.body;
  await command(call, {
    update: requestApproval,
    workflowId: `approval/hold/${subjectId}`,
    payload: { subjectType: 'hold', subjectId },
    input: { kind: 'hold.place', subjectId, data: { ...about, until, reason } },
    start: { type: 'approval', queue: 'journeys', args: { programId, subjectType: 'hold', subjectId } },
    commandId: itemCommandId(call.commandId, subjectId),
  });
  return reading(call, async (tx) => showHold((await listHoldViews(tx, { id: subjectId, limit: 1 }))[0]!));
}

export function showHold({ untilAt, endedAt, ending, reviewTaskId, taskId, ...view }: HoldView) {
  return { ...view, until: untilAt, endedAt, state: ending ?? 'standing', taskId: reviewTaskId ?? taskId };
}
