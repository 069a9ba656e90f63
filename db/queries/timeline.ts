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

/** Lines in the order in which they happened, from a place on. */
export interface TimelinePage {
  /** The `at` and id of the last line of the page before. */
  after?: { at: string; id: string };
  limit: number;
}

export interface TimelineFilter extends TimelinePage {
  partnerId: string;
  /** Leaves out what is only for the team. */
  isForPartner?: boolean;
}

const LINE = `e.id, e.at, e.kind, e.actor_kind as "actorKind", e.actor_id as "actorId",
  coalesce(u.name, p.name, k.name) as "actorName", e.subject_type as "subjectType", e.subject_id as "subjectId", e.data,
  e.workflow_id as "workflowId", e.run_id as "runId", e.activity_id as "activityId"`;
const ACTORS = `left join app_user u on u.program_id = e.program_id and u.id = e.actor_id
  left join partner p on p.program_id = e.program_id and p.id = e.actor_id
  left join api_key k on k.program_id = e.program_id and k.id = e.actor_id`;

/** What happened to a partner. */
export async function listTimeline(tx: Tx, filter: TimelineFilter): Promise<TimelineRow[]> {
  const { rows } = await tx.query<TimelineRow>(
    `select ${LINE}
     from event e
     ${ACTORS}
     where e.program_id = $1 and e.partner_id = $2 and ($3::timestamptz is null or (e.at, e.id) > ($3, $4))
       and (not $5 or not (
         e.kind in ('task.assigned', 'task.escalated') or e.kind like 'hold.%' or e.kind like 'api-key.%'
         or (e.kind like 'task.%' and e.data ->> 'role' <> 'partner')))
     order by e.at, e.id limit $6`,
    [
      tx.programId,
      filter.partnerId,
      filter.after?.at ?? null,
      filter.after?.id ?? null,
      filter.isForPartner ?? false,
      filter.limit,
    ],
  );
  return rows;
}

/** What happened to a policy: to itself, its studies, the tasks of its approvers, its re-evaluations. */
export async function listPolicyTimeline(
  tx: Tx,
  { policyId, after, limit }: TimelinePage & { policyId: string },
): Promise<TimelineRow[]> {
  const { rows } = await tx.query<TimelineRow>(
    `with about as (
       select 'policy' as type, $2::text as id
       union all select 'study', id from study where program_id = $1 and policy_id = $2
       union all select 'task', id from task where program_id = $1 and subject_type = 'policy' and subject_id = $2
       union all select 'evaluation', id from evaluation where program_id = $1 and policy_id = $2
     )
     select ${LINE}
     from about
     join event e on e.program_id = $1 and e.subject_type = about.type and e.subject_id = about.id
     ${ACTORS}
     where $3::timestamptz is null or (e.at, e.id) > ($3, $4)
     order by e.at, e.id limit $5`,
    [tx.programId, policyId, after?.at ?? null, after?.id ?? null, limit],
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
