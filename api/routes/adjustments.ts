import { DomainError } from '../../domain/errors.ts';
import { idFromSuffix } from '../../db/ids.ts';
import { findOpenWindow } from '../../db/queries/adjustment.ts';
import { listAdjustmentViews } from '../../db/queries/adjustment-read.ts';
import type { AdjustmentView } from '../../db/queries/adjustment-read.ts';
import { findSubject } from '../../db/queries/subject.ts';
import type { Tx } from '../../db/transaction.ts';
import type { Money } from '../../domain/money/money.ts';
import { requestApproval } from '../../workflows/messages.ts';
import { caller, reading } from '../caller.ts';
import { command } from '../command.ts';
import { pageOf } from '../contracts/answer.ts';
import { adjustment, adjustmentQuery, newAdjustment } from '../contracts/money.ts';
import { afterCursor, toPage } from '../page.ts';
import { MONEY_READERS } from '../roles.ts';
import { created, ok, route } from '../route.ts';
import { refusedFields } from '../validate.ts';

export const ADJUSTMENT_ROUTES = [
  route({
    id: 'adjustments.list',
    method: 'get',
    path: '/v1/adjustments',
    tag: 'Money',
    summary: 'Adjustments asked for by hand, and what became of them',
    roles: MONEY_READERS,
    query: adjustmentQuery,
    answer: { status: 200, schema: pageOf(adjustment) },
    handle: (call) =>
      reading(call, async (tx) => {
        const { limit, cursor, ...filter } = call.query;
        const rows = await listAdjustmentViews(tx, {
          ...filter,
          afterId: afterCursor({ limit, cursor }),
          limit: limit + 1,
        });
        return ok(toPage(rows, limit, ({ id }) => id, showAdjustment));
      }),
  }),
  route({
    id: 'adjustments.get',
    method: 'get',
    path: '/v1/adjustments/{id}',
    tag: 'Money',
    summary: 'One adjustment',
    roles: MONEY_READERS,
    subject: { kind: 'adjustment', param: 'id' },
    answer: { status: 200, schema: adjustment },
    handle: (call) => reading(call, async (tx) => ok(await readAdjustment(tx, call.params.id))),
  }),
  route({
    id: 'adjustments.create',
    method: 'post',
    path: '/v1/adjustments',
    tag: 'Money',
    summary: 'Asks for an adjustment; another person approves it',
    roles: ['owner', 'partner_manager', 'finance'],
    body: newAdjustment,
    answer: { status: 201, schema: adjustment },
    handle: async (call) => {
      const subjectId = idFromSuffix('adjustment', call.seed);
      await command(call, {
        check: (tx) => assertAdjustable(tx, call.body),
        update: requestApproval,
        workflowId: `approval/adjustment/${subjectId}`,
        payload: { subjectType: 'adjustment', subjectId },
        input: { kind: 'adjustment.request', subjectId, data: call.body },
        start: {
          type: 'approval',
          queue: 'journeys',
          args: { programId: caller(call).programId, subjectType: 'adjustment', subjectId },
        },
      });
      return created(await reading(call, (tx) => readAdjustment(tx, subjectId)));
    },
  }),
];

/** What can be said before the workflow is asked, with the caller's own names of the fields. */
async function assertAdjustable(tx: Tx, { partnerId, value }: { partnerId: string; value: Money }): Promise<void> {
  if (!(await findSubject(tx, 'partner', partnerId))) {
    throw refusedFields([{ path: 'partnerId', message: `There is no partner ${partnerId}.` }]);
  }
  const window = await findOpenWindow(tx, partnerId, new Date().toISOString());
  if (window && window.currency !== value.currency) {
    throw refusedFields([{ path: 'value.currency', message: `This partner is paid in ${window.currency}.` }]);
  }
}

async function readAdjustment(tx: Tx, id: string) {
  const [view] = await listAdjustmentViews(tx, { id, limit: 1 });
  if (!view) throw new DomainError('not-found', `There is no adjustment ${id}.`);
  return showAdjustment(view);
}

function showAdjustment({ amountMinor, currency, ...view }: AdjustmentView) {
  return { ...view, value: { minor: amountMinor, currency } };
}
