import { createHash } from 'node:crypto';
import type { Actor } from '../../domain/actor.ts';
import type { EventKind } from '../../domain/event/catalogue.ts';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { newId } from '../ids.ts';
import type { Tx } from '../transaction.ts';

/** One line of the record. `data` holds ids, enumerations, integers and instants; names and free text stay in their own tables. */
export interface NewEvent {
  kind: EventKind;
  actor: Actor;
  subject: { type: string; id: string };
  partnerId?: string | null;
  data?: Record<string, unknown>;
  /** RFC 3339; the workflow's time where a workflow acts. */
  at: string;
  /** The run and the activity of it that writes the line. */
  workflow?: { id: string; runId: string; activityId?: string };
}

/**
 * Adds a line to the record in the caller's transaction, queues it for the sealer, and queues a delivery for each webhook that asked for its kind.
 * The digest covers every field, so that a later change of the row shows in the chain.
 * @returns the event's id
 */
export async function recordEvent(tx: Tx, event: NewEvent): Promise<string> {
  const row = contentOf(event);
  const { id, data } = row;
  // One trip for the line, its place in the sealer's queue, and the question who wants to hear of it: every change of state pays for this.
  const { rows: endpoints } = await tx.query<{ id: string }>(
    `with line as (
       insert into event (program_id, id, at, kind, actor_kind, actor_id, partner_id, subject_type, subject_id, data, workflow_id, run_id,
         activity_id, digest)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     ), unsealed as (
       insert into event_unsealed (program_id, event_id) values ($1, $2)
     )
     select id from webhook_endpoint where program_id = $1 and disabled_at is null and $4 = any (events) order by id`,
    [
      tx.programId,
      id,
      row.at,
      row.kind,
      row.actorKind,
      row.actorId,
      row.partnerId,
      row.subjectType,
      row.subjectId,
      data,
      row.workflowId,
      row.runId,
      row.activityId,
      digestOfEvent(row),
    ],
  );
  for (const endpoint of endpoints) await queueDelivery(tx, id, endpoint.id);
  return id;
}

async function queueDelivery(tx: Tx, eventId: string, endpointId: string): Promise<void> {
  await tx.query('insert into webhook_delivery (program_id, id, endpoint_id, event_id) values ($1, $2, $3, $4)', [
    tx.programId,
    newId('delivery'),
    endpointId,
    eventId,
  ]);
}

/** The content of a new line, under a new id. */
export function contentOf(event: NewEvent): EventContent {
  return {
    id: newId('event'),
    at: new Date(event.at).toISOString(),
    kind: event.kind,
    actorKind: event.actor.kind,
    actorId: event.actor.id ?? null,
    partnerId: event.partnerId ?? null,
    subjectType: event.subject.type,
    subjectId: event.subject.id,
    data: event.data ?? {},
    workflowId: event.workflow?.id ?? null,
    runId: event.workflow?.runId ?? null,
    activityId: event.workflow?.activityId ?? null,
  };
}

/** What the digest covers, in the shape in which it was recorded (instants in milliseconds, `Z`). */
export interface EventContent {
  id: string;
  at: string;
  kind: string;
  actorKind: string;
  actorId: string | null;
  partnerId: string | null;
  subjectType: string;
  subjectId: string;
  data: Record<string, unknown>;
  workflowId: string | null;
  runId: string | null;
  activityId: string | null;
}

/** SHA-256 over the canonical JSON of the event's content. Lines from before activities were noted, and lines of no activity, hash without one. */
export function digestOfEvent({ activityId, ...content }: EventContent): Buffer {
  const covered = activityId === null ? content : { ...content, activityId };
  return createHash('sha256').update(canonicalJson(covered)).digest();
}
