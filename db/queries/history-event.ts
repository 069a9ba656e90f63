import type { Tx } from '../transaction.ts';

/**
 * Where each activity of an archived run was scheduled: its id and the number of the event in the history.
 * Undefined when the run is not archived.
 */
export async function findScheduledActivities(
  tx: Tx,
  { workflowId, runId }: { workflowId: string; runId: string },
): Promise<Map<string, number> | undefined> {
  const { rows } = await tx.query<{ activityId: string | null; eventId: number | null }>(
    `select e -> 'activityTaskScheduledEventAttributes' ->> 'activityId' as "activityId", (e ->> 'eventId')::bigint as "eventId"
     from history_archive h
     left join jsonb_array_elements(h.history -> 'events') e on e ? 'activityTaskScheduledEventAttributes'
     where h.program_id = $1 and h.workflow_id = $2 and h.run_id = $3`,
    [tx.programId, workflowId, runId],
  );
  if (rows.length === 0) return undefined;
  return new Map(rows.flatMap(({ activityId, eventId }) => (activityId && eventId ? [[activityId, eventId]] : [])));
}
