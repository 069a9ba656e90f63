import { idSuffix, newId } from '../ids.ts';
import type { Tx } from '../transaction.ts';

/** Keys are unique per program, caller and route. */
export interface KeyScope {
  actor: string;
  route: string;
  key: string;
}

/** A key as one request claimed it: until `lease`, after which another may. */
export type HeldKey = KeyScope & { lease: string };

export type ClaimedKey =
  | { kind: 'claimed'; seed: string; lease: string }
  | { kind: 'done'; status: number; body: unknown }
  | { kind: 'running' }
  | { kind: 'reused' };

/** Answers are kept that long. */
const KEPT = `interval '30 days'`;

/**
 * Claims a key for one request. A claim whose lease is over may be taken again and has the same seed: the process that held it
 * is gone, and what it may have started under names made from the seed is found again.
 */
export async function claimKey(
  tx: Tx,
  claim: KeyScope & { requestHash: string; leaseMs: number },
): Promise<ClaimedKey> {
  const scope = [tx.programId, claim.actor, claim.route, claim.key];
  await tx.query(
    `delete from idempotency_key
     where program_id = $1 and actor = $2 and route = $3 and key = $4 and created_at < clock_timestamp() - ${KEPT}`,
    scope,
  );
  const inserted = await tx.query<{ seed: string; lease: string }>(
    `insert into idempotency_key (program_id, actor, route, key, request_hash, seed, leased_until)
     values ($1, $2, $3, $4, $5, $6, clock_timestamp() + make_interval(secs => $7))
     on conflict (program_id, actor, route, key) do nothing
     returning seed, leased_until as lease`,
    [...scope, claim.requestHash, idSuffix(newId('event')), claim.leaseMs / 1_000],
  );
  if (inserted.rows[0]) return { kind: 'claimed', ...inserted.rows[0] };
  const { rows } = await tx.query<{
    request_hash: string;
    seed: string;
    state: string;
    status: number | null;
    body: unknown;
    is_free: boolean;
  }>(
    `select request_hash, seed, state, status, body, leased_until <= clock_timestamp() as is_free
     from idempotency_key where program_id = $1 and actor = $2 and route = $3 and key = $4 for update`,
    scope,
  );
  const row = rows[0];
  // The first request was refused between the two statements: the caller repeats.
  if (!row) return { kind: 'running' };
  if (row.request_hash !== claim.requestHash) return { kind: 'reused' };
  if (row.state === 'done') return { kind: 'done', status: row.status ?? 200, body: row.body };
  if (!row.is_free) return { kind: 'running' };
  const taken = await tx.query<{ lease: string }>(
    `update idempotency_key set leased_until = clock_timestamp() + make_interval(secs => $5)
     where program_id = $1 and actor = $2 and route = $3 and key = $4
     returning leased_until as lease`,
    [...scope, claim.leaseMs / 1_000],
  );
  return { kind: 'claimed', seed: row.seed, lease: taken.rows[0]!.lease };
}

/** Holds a key longer, from now on. @returns the new lease, or null when another request holds it since, or it has its answer */
export async function renewKey(tx: Tx, held: HeldKey, leaseMs: number): Promise<string | null> {
  const { rows } = await tx.query<{ lease: string }>(
    `update idempotency_key set leased_until = clock_timestamp() + make_interval(secs => $6)
     where program_id = $1 and actor = $2 and route = $3 and key = $4 and state = 'running' and leased_until = $5
     returning leased_until as lease`,
    [tx.programId, held.actor, held.route, held.key, held.lease, leaseMs / 1_000],
  );
  return rows[0]?.lease ?? null;
}

/** Keeps the answer for repeated calls. */
export async function finishKey(tx: Tx, scope: KeyScope, status: number, body: unknown): Promise<void> {
  await tx.query(
    `update idempotency_key set state = 'done', status = $5, body = $6, leased_until = null
     where program_id = $1 and actor = $2 and route = $3 and key = $4`,
    [tx.programId, scope.actor, scope.route, scope.key, status, JSON.stringify(body)],
  );
}

/** Frees a key whose request changed nothing; not where another request holds it since. */
export async function abandonKey(tx: Tx, held: HeldKey): Promise<void> {
  await tx.query(
    `delete from idempotency_key
     where program_id = $1 and actor = $2 and route = $3 and key = $4 and state = 'running' and leased_until = $5`,
    [tx.programId, held.actor, held.route, held.key, held.lease],
  );
}

/** Lets the same request be sent again at once, under the same seed; not where another request holds the key since. */
export async function releaseKey(tx: Tx, held: HeldKey): Promise<void> {
  await tx.query(
    `update idempotency_key set leased_until = clock_timestamp()
     where program_id = $1 and actor = $2 and route = $3 and key = $4 and state = 'running' and leased_until = $5`,
    [tx.programId, held.actor, held.route, held.key, held.lease],
  );
}

/** Deletes answers that are older than thirty days. @returns how many */
export async function deleteOldKeys(tx: Tx): Promise<number> {
  const { rowCount } = await tx.query(
    `delete from idempotency_key where program_id = $1 and created_at < clock_timestamp() - ${KEPT}`,
    [tx.programId],
  );
  return rowCount ?? 0;
}
