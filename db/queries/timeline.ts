import type { Tx } from '../transaction.ts';

/** One line of the record with the names that its text needs. */
export interface TimelineRow {
  id: string;
  at: string;
  kind: string;
  actorKind: string;
  actorId: string | null;
  actorName: string | null;
  subjectType: string;
  subjectId: string;
  data: Record<string, unknown>;
  workflowId: string | null;
  runId: string | null;
  activityId: string | null;
}

export interface TimelineFilter {
  partnerId?: string;
  subjectId?: string;
  /** The `at` and id of the last line of the page before. */
  after?: { at: string; id: string };
  /** Leaves out what is only for the team. */
  isForPartner?: boolean;
  limit: number;
}

/** Lines about a partner or a thing, in the order in which they happened. */
export async function listTimeline(tx: Tx, filter: TimelineFilter): Promise<TimelineRow[]> {
  const { rows } = await tx.query<TimelineRow>(
    `select e.id, e.at, e.kind, e.actor_kind as "actorKind", e.actor_id as "actorId",
       coalesce(u.name, p.name, k.name) as "actorName", e.subject_type as "subjectType", e.subject_id as "subjectId", e.data,
       e.workflow_id as "workflowId", e.run_id as "runId", e.activity_id as "activityId"
     from event e
     left join app_user u on u.program_id = e.program_id and u.id = e.actor_id
     left join partner p on p.program_id = e.program_id and p.id = e.actor_id
     left join api_key k on k.program_id = e.program_id and k.id = e.actor_id
     where e.program_id = $1 and ($2::text is null or e.partner_id = $2) and ($3::text is null or e.subject_id = $3)
       and ($4::timestamptz is null or (e.at, e.id) > ($4, $5))
       and (not $6 or not (
         e.kind in ('task.assigned', 'task.escalated') or e.kind like 'hold.%' or e.kind like 'api-key.%'
         or (e.kind like 'task.%' and e.data ->> 'role' <> 'partner')))
     order by e.at, e.id limit $7`,
    [
      tx.programId,
      filter.partnerId ?? null,
      filter.subjectId ?? null,
      filter.after?.at ?? null,
      filter.after?.id ?? null,
      filter.isForPartner ?? false,
      filter.limit,
    ],
  );
  return rows;
}

/** Names of the persons and partners among these ids. */
export async function namesOf(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await tx.query<{ id: string; name: string }>(
    `select id, name from app_user where program_id = $1 and id = any ($2)
     union all select id, name from partner where program_id = $1 and id = any ($2)`,
    [tx.programId, ids],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}
