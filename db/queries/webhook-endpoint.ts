import type { Tx } from '../transaction.ts';

export interface WebhookEndpoint {
  id: string;
  url: string;
  events: string[];
  createdAt: string;
  disabledAt: string | null;
}

const COLUMNS = `id, url, events, created_at as "createdAt", disabled_at as "disabledAt"`;

export async function insertWebhookEndpoint(
  tx: Tx,
  endpoint: { id: string; url: string; events: string[]; secret: string; createdBy: string },
): Promise<WebhookEndpoint> {
  const { rows } = await tx.query<WebhookEndpoint>(
    `insert into webhook_endpoint (program_id, id, url, events, secret, created_by) values ($1, $2, $3, $4, $5, $6)
     on conflict (program_id, id) do update set secret = excluded.secret
     returning ${COLUMNS}`,
    [tx.programId, endpoint.id, endpoint.url, endpoint.events, endpoint.secret, endpoint.createdBy],
  );
  return rows[0]!;
}

/** Endpoints, oldest first, after `afterId`; never their secrets. */
export async function listWebhookEndpoints(
  tx: Tx,
  filter: { afterId?: string; limit: number },
): Promise<WebhookEndpoint[]> {
  const { rows } = await tx.query<WebhookEndpoint>(
    `select ${COLUMNS} from webhook_endpoint where program_id = $1 and ($2::text is null or id > $2) order by id limit $3`,
    [tx.programId, filter.afterId ?? null, filter.limit],
  );
  return rows;
}

/** Stops deliveries to an endpoint. */
export async function disableWebhookEndpoint(tx: Tx, id: string): Promise<WebhookEndpoint | undefined> {
  const { rows } = await tx.query<WebhookEndpoint>(
    `update webhook_endpoint set disabled_at = coalesce(disabled_at, clock_timestamp())
     where program_id = $1 and id = $2 returning ${COLUMNS}`,
    [tx.programId, id],
  );
  return rows[0];
}
