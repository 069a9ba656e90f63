import type { Tx } from '../transaction.ts';

/** An event on its way to one endpoint. */
export interface DueDelivery {
  id: string;
  endpointId: string;
  url: string;
  /** `whsec_…`, what the body is signed with. */
  secret: string;
  /** Attempts so far, this one included. */
  attempts: number;
  event: {
    id: string;
    at: string;
    kind: string;
    partnerId: string | null;
    subjectType: string;
    subjectId: string;
    data: Record<string, unknown>;
  };
}

/**
 * Takes due deliveries for itself until the lease ends, oldest first; others pass by. A claim counts as an attempt, because whoever
 * claimed may die after the call. Deliveries to endpoints that were disabled stay where they are.
 */
export async function claimDeliveries(tx: Tx, { limit, leaseMs }: { limit: number; leaseMs: number }) {
  const { rows } = await tx.query<Omit<DueDelivery, 'event'> & { eventId: string } & Omit<DueDelivery['event'], 'id'>>(
    `with due as (
       select d.id
       from webhook_delivery d
       join webhook_endpoint e on e.program_id = d.program_id and e.id = d.endpoint_id
       where d.program_id = $1 and d.state = 'queued' and d.next_attempt_at <= clock_timestamp()
         and (d.leased_until is null or d.leased_until <= clock_timestamp()) and e.disabled_at is null
       order by d.next_attempt_at, d.id
       limit $2
       for update of d skip locked
     ), claimed as (
       update webhook_delivery d
       set leased_until = clock_timestamp() + make_interval(secs => $3), attempts = attempts + 1
       from due
       where d.program_id = $1 and d.id = due.id
       returning d.id, d.endpoint_id, d.event_id, d.attempts
     )
     select c.id, c.endpoint_id as "endpointId", e.url, e.secret, c.attempts, v.id as "eventId", v.at, v.kind,
       v.partner_id as "partnerId", v.subject_type as "subjectType", v.subject_id as "subjectId", v.data
     from claimed c
     join webhook_endpoint e on e.program_id = $1 and e.id = c.endpoint_id
     join event v on v.program_id = $1 and v.id = c.event_id
     order by c.id`,
    [tx.programId, limit, leaseMs / 1_000],
  );
  return rows.map(({ id, endpointId, url, secret, attempts, eventId, ...event }): DueDelivery => ({
    id,
    endpointId,
    url,
    secret,
    attempts,
    event: { id: eventId, ...event },
  }));
}

/** The receiver took it. */
export async function markDelivered(tx: Tx, id: string): Promise<void> {
  await tx.query(
    `update webhook_delivery set state = 'delivered', delivered_at = clock_timestamp(), leased_until = null, last_error = null
     where program_id = $1 and id = $2 and state = 'queued'`,
    [tx.programId, id],
  );
}

/** It comes again after `afterMs`; null: it was the last attempt. */
export async function markUndelivered(
  tx: Tx,
  id: string,
  { afterMs, reason }: { afterMs: number | null; reason: string },
): Promise<void> {
  await tx.query(
    `update webhook_delivery
     set state = case when $3::float8 is null then 'failed' else 'queued' end,
         next_attempt_at = clock_timestamp() + make_interval(secs => coalesce($3, 0)),
         leased_until = null, last_error = $4
     where program_id = $1 and id = $2 and state = 'queued'`,
    [tx.programId, id, afterMs === null ? null : afterMs / 1_000, reason],
  );
}
