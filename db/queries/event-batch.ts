import { newId } from '../ids.ts';
import type { Tx } from '../transaction.ts';
import { contentOf, digestOfEvent } from './event.ts';
import type { NewEvent } from './event.ts';

/** As `recordEvent` for each of these, in three statements however many there are. */
export async function recordEvents(tx: Tx, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map((event) => {
    const content = contentOf(event);
    return { ...content, digest: digestOfEvent(content).toString('hex') };
  });
  const { rows: wanted } = await tx.query<{ eventId: string; endpointId: string }>(
    `with line as (
       insert into event (program_id, id, at, kind, actor_kind, actor_id, partner_id, subject_type, subject_id, data, workflow_id, run_id,
         activity_id, digest)
       select $1, e.id, e.at, e.kind, e."actorKind", e."actorId", e."partnerId", e."subjectType", e."subjectId", e.data, e."workflowId", e."runId",
         e."activityId", decode(e.digest, 'hex')
       from jsonb_to_recordset($2::jsonb) as e (
         id text, at timestamptz, kind text, "actorKind" text, "actorId" text, "partnerId" text, "subjectType" text, "subjectId" text, data jsonb,
         "workflowId" text, "runId" text, "activityId" text, digest text
       )
       returning id, kind
     ), unsealed as (
       insert into event_unsealed (program_id, event_id) select $1, id from line
     )
     select l.id as "eventId", w.id as "endpointId"
     from line l join webhook_endpoint w on w.program_id = $1 and w.disabled_at is null and l.kind = any (w.events)
     order by l.id, w.id`,
    [tx.programId, JSON.stringify(rows)],
  );
  if (wanted.length === 0) return;
  await tx.query(
    `insert into webhook_delivery (program_id, id, endpoint_id, event_id)
     select $1, d.* from unnest($2::text[], $3::text[], $4::text[]) as d (id, endpoint_id, event_id)`,
    [
      tx.programId,
      wanted.map(() => newId('delivery')),
      wanted.map(({ endpointId }) => endpointId),
      wanted.map(({ eventId }) => eventId),
    ],
  );
}
