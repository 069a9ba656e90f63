import { WorkflowNotFoundError } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { isInstant } from '../../domain/time/instant.ts';
import { findHistory, findRun, listRuns } from '../../db/queries/history.ts';
import type { RunRow } from '../../db/queries/history.ts';
import { reading } from '../caller.ts';
import { refusalOf } from '../command.ts';
import { pageOf, shown, shownInstant } from '../contracts/answer.ts';
import type { ApiDeps } from '../deps.ts';
import { afterCursor, pageQuery, refusedCursor, toPage } from '../page.ts';
import { READERS } from '../roles.ts';
import { ok, route } from '../route.ts';

const DESCRIBE_TIMEOUT_MS = 3_000;

const run = shown({
  workflowId: z.string(),
  runId: z.string(),
  type: z.string(),
  status: z.string(),
  eventCount: z.number().nullable(),
  startedAt: shownInstant,
  closedAt: shownInstant.optional(),
  archived: z.boolean(),
}).meta({ id: 'WorkflowRun' });

export const HISTORY_ROUTES = [
  route({
    id: 'partners.history',
    method: 'get',
    path: '/v1/partners/{id}/history',
    tag: 'Partners',
    summary: 'The runs of the workflows about a partner, archived ones included',
    roles: READERS,
    subject: { kind: 'partner', param: 'id' },
    query: pageQuery,
    answer: { status: 200, schema: pageOf(run) },
    handle: async (call) => {
      const { limit } = call.query;
      const partnerId = call.params.id;
      const after = position(afterCursor(call.query));
      const rows = await reading(call, (tx) => listRuns(tx, { partnerId, after, limit: limit + 1 }));
      const page = toPage(
        rows,
        limit,
        ({ startedAt, runId }) => `${startedAt} ${runId}`,
        (row) => row,
      );
      return ok({ ...page, items: await Promise.all(page.items.map((row) => asOfNow(call.deps, row))) });
    },
  }),
  route({
    id: 'partners.history-run',
    method: 'get',
    path: '/v1/partners/{id}/history/{runId}',
    tag: 'Partners',
    summary: "One run's full history in Temporal's own JSON, which replays",
    roles: READERS,
    subject: { kind: 'partner', param: 'id' },
    answer: { status: 200, schema: shown({ events: z.array(z.looseObject({})) }) },
    handle: async (call) => {
      const { id, runId } = call.params;
      const { found, archived } = await reading(call, async (tx) => {
        const row = await findRun(tx, id, runId);
        return { found: row, archived: row && (await findHistory(tx, row.workflowId, runId)) };
      });
      if (!found) throw new DomainError('not-found', `There is no run ${runId} about this partner.`);
      return ok(archived ?? (await fetchHistory(call.deps, found)));
    },
  }),
];

async function fetchHistory({ client }: ApiDeps, { workflowId, runId }: RunRow): Promise<object> {
  try {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    return JSON.parse(historyToJSON(history)) as object;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      throw new DomainError('not-found', `Temporal no longer has the run ${runId}, and it was not archived.`);
    }
    const refusal = refusalOf(error);
    if (!(refusal instanceof DomainError)) throw error;
    throw new DomainError('unavailable', 'Temporal does not answer at the moment; try again.');
  }
}

/** A run that goes on has its count at Temporal; when that is away, the record's last look is shown. */
async function asOfNow({ client }: ApiDeps, row: RunRow) {
  const { closedAt, ...rest } = row;
  if (closedAt !== null) return row;
  try {
    const described = await client.withDeadline(Date.now() + DESCRIBE_TIMEOUT_MS, () =>
      client.workflow.getHandle(row.workflowId, row.runId).describe(),
    );
    const closed = described.closeTime ? { closedAt: described.closeTime.toISOString() } : {};
    const status = described.status.name.toLowerCase().replaceAll('_', '-');
    return { ...rest, status, eventCount: described.historyLength, ...closed };
  } catch {
    return rest;
  }
}

function position(cursor: string | undefined): { at: string; runId: string } | undefined {
  if (cursor === undefined) return undefined;
  const [at = '', runId = ''] = cursor.split(' ');
  if (!isInstant(at)) throw refusedCursor();
  return { at, runId };
}
