import { z } from 'zod';
import { eventText } from '../../domain/event/text.ts';
import { isInstant } from '../../domain/time/instant.ts';
import { listPolicyTimeline, listTimeline, namesOf } from '../../db/queries/timeline.ts';
import type { TimelinePage, TimelineRow } from '../../db/queries/timeline.ts';
import type { Tx } from '../../db/transaction.ts';
import { ownPartner, reading } from '../caller.ts';
import { pageOf, shown, shownInstant } from '../contracts/answer.ts';
import { actorName } from '../actor-name.ts';
import { historyPositions } from '../history-position.ts';
import { afterCursor, pageQuery, refusedCursor, toPage } from '../page.ts';
import type { PageQuery } from '../page.ts';
import { READERS, READERS_AND_PARTNER } from '../roles.ts';
import { ok, route } from '../route.ts';
import type { Call } from '../route.ts';

const line = shown({
  at: shownInstant,
  actor: shown({ kind: z.string(), id: z.string().nullable(), name: z.string() }),
  kind: z.string(),
  text: z.string(),
  subject: z.object({ type: z.string(), id: z.string() }),
  workflow: z
    .object({
      id: z.string(),
      runId: z.string(),
      eventId: z
        .number()
        .nullable()
        .describe(
          'The event of the history that scheduled the activity which wrote this line; null where the history is gone or not given in time.',
        ),
    })
    .nullable(),
}).meta({ id: 'TimelineLine' });

export const TIMELINE_ROUTES = [
  route({
    id: 'partners.timeline',
    method: 'get',
    path: '/v1/partners/{id}/timeline',
    tag: 'Partners',
    summary: 'What happened, in plain words',
    roles: READERS_AND_PARTNER,
    subject: { kind: 'partner', param: 'id' },
    query: pageQuery,
    answer: { status: 200, schema: pageOf(line) },
    handle: (call) => {
      const isForPartner = ownPartner(call) !== undefined;
      return showPage(
        call,
        (tx, page) => listTimeline(tx, { partnerId: call.params.id, isForPartner, ...page }),
        isForPartner,
      );
    },
  }),
  route({
    id: 'policies.timeline',
    method: 'get',
    path: '/v1/attribution/policies/{id}/timeline',
    tag: 'Attribution',
    summary: 'What happened to a version in plain words: its studies, approvals and re-evaluations too',
    roles: READERS,
    subject: { kind: 'policy', param: 'id' },
    query: pageQuery,
    answer: { status: 200, schema: pageOf(line) },
    handle: (call) => showPage(call, (tx, page) => listPolicyTimeline(tx, { policyId: call.params.id, ...page })),
  }),
];

async function showPage(
  call: Call<Record<string, string>, PageQuery>,
  list: (tx: Tx, page: TimelinePage) => Promise<TimelineRow[]>,
  isForPartner = false,
) {
  const { limit } = call.query;
  const { rows, names } = await reading(call, async (tx) => {
    const found = await list(tx, { after: position(afterCursor(call.query)), limit: limit + 1 });
    return { rows: found, names: await namesOf(tx, isForPartner ? [] : found.flatMap(({ data }) => idsIn(data))) };
  });
  const eventIdOf = await historyPositions(call, rows.slice(0, limit));
  return ok(
    toPage(
      rows,
      limit,
      ({ at, id }) => `${at} ${id}`,
      (row) => ({ ...show(row, names, isForPartner), workflow: workflowOf(row, eventIdOf(row)) }),
    ),
  );
}

function position(cursor: string | undefined): { at: string; id: string } | undefined {
  if (cursor === undefined) return undefined;
  const [at = '', id = ''] = cursor.split(' ');
  if (!isInstant(at)) throw refusedCursor();
  return { at, id };
}

/** A partner reads what the team did, not which person of it. */
function show(row: TimelineRow, names: Map<string, string>, isForPartner: boolean) {
  const isHidden = isForPartner && (row.actorKind === 'person' || row.actorKind === 'key');
  const name = isHidden ? 'The team' : actorName(row.actorKind, row.actorName);
  return {
    at: row.at,
    actor: { kind: row.actorKind, id: isHidden ? null : row.actorId, name },
    kind: row.kind,
    text: eventText(row.kind, row.data, name, names),
    subject: { type: row.subjectType, id: row.subjectId },
  };
}

function workflowOf({ workflowId, runId }: TimelineRow, eventId: number | null) {
  return workflowId === null ? null : { id: workflowId, runId: runId ?? '', eventId };
}

function idsIn(data: Record<string, unknown>): string[] {
  return Object.values(data)
    .flat()
    .filter((value): value is string => typeof value === 'string' && /^(per|prt)_/.test(value));
}
