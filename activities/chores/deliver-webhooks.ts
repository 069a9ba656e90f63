import type { Pool } from '../../db/pool.ts';
import { claimDeliveries, markDelivered, markUndelivered } from '../../db/queries/webhook-delivery.ts';
import type { DueDelivery } from '../../db/queries/webhook-delivery.ts';
import { disableWebhookEndpoint } from '../../db/queries/webhook-endpoint.ts';
import { inTransaction } from '../../db/transaction.ts';
import { postDelivery } from '../webhooks/post.ts';
import type { PostOptions } from '../webhooks/post.ts';
import { eachProgram } from './each-program.ts';

const AT_ONCE = 20;
/** Longer than a call may take, so that a delivery in progress is nobody else's. */
const LEASE_MS = 60_000;

/** Pauses before the next attempt, as Standard Webhooks proposes; three days in all, then a person has to look. */
const PAUSES_SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/** Sends due deliveries, at least once each. @returns how many were tried */
export function deliverWebhooks(pool: Pool, options: PostOptions = {}): Promise<number> {
  return eachProgram(
    pool,
    async (programId) => {
      const due = await inTransaction(pool, programId, (tx) =>
        claimDeliveries(tx, { limit: AT_ONCE, leaseMs: LEASE_MS }),
      );
      await Promise.all(due.map((delivery) => deliver(pool, programId, delivery, options)));
      return due.length;
    },
    options.signal,
  );
}

async function deliver(pool: Pool, programId: string, delivery: DueDelivery, options: PostOptions): Promise<void> {
  const result = await postDelivery(delivery, options);
  await inTransaction(pool, programId, async (tx) => {
    if (result.kind === 'taken') return markDelivered(tx, delivery.id);
    if (result.kind === 'gone') {
      await disableWebhookEndpoint(tx, delivery.endpointId);
      return markUndelivered(tx, delivery.id, { afterMs: null, reason: 'gone' });
    }
    const seconds = PAUSES_SECONDS[delivery.attempts - 1];
    const afterMs = seconds === undefined ? null : seconds * 1_000;
    return markUndelivered(tx, delivery.id, { afterMs, reason: result.reason });
  });
}
