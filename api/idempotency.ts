import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { DomainError } from '../domain/errors.ts';
import { canonicalJson } from '../domain/json/canonical.ts';
import { abandonKey, claimKey, finishKey, releaseKey, renewKey } from '../db/queries/idempotency-key.ts';
import { inTransaction } from '../db/transaction.ts';
import type { ApiDeps } from './deps.ts';
import { actorKey } from './principal.ts';
import type { Principal } from './principal.ts';
import type { Answer, Route } from './route.ts';

const HEADER = 'Idempotency-Key';
const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

/** One call under its key. A call without a key (GET, PUT, event intake) has neither. */
export interface KeyedCall {
  programId: string;
  actor: string;
  route: string;
  key: string;
}

/** @throws DomainError `missing-header` or `malformed` when a route that demands the key gets none that can be used */
export function readKey(route: Route, request: Request, principal: Principal | undefined): KeyedCall | undefined {
  if (!route.idempotent) return undefined;
  const key = request.get(HEADER);
  if (key === undefined || key === '') {
    throw new DomainError('missing-header', `Send the header ${HEADER} (1–255 visible ASCII characters).`);
  }
  if (!VISIBLE_ASCII.test(key)) {
    throw new DomainError('malformed', `${HEADER} must be 1–255 visible ASCII characters.`);
  }
  const actor = principal ? actorKey(principal) : 'public';
  return { programId: principal?.programId ?? '', actor, route: scopeOf(request, route), key };
}

/** The route with its path's values: the same key for another partner is another request. */
function scopeOf(request: Request, route: Route): string {
  return `${route.method.toUpperCase()} ${request.path}`;
}

/** The id of the command: the same for the same caller, route and key, so that a repeated update is one update. */
export function commandIdOf(call: KeyedCall): string {
  const text = [call.programId, call.actor, call.route, call.key].join('\n');
  return `cmd_${createHash('sha256').update(text).digest('base64url').slice(0, 32)}`;
}

/** A call that holds its key until `lease`, which `renew` moves. */
export type HeldCall = KeyedCall & { lease: string };

export type Claim = { kind: 'new'; seed: string; held: HeldCall } | { kind: 'replay'; answer: Answer };

/** How long a request may be silent and keeps its key. */
export function leaseMs({ keyLeaseMs, commandTimeoutMs }: ApiDeps): number {
  return keyLeaseMs ?? commandTimeoutMs + 20_000;
}

/**
 * Claims a key for a request.
 * @throws DomainError `idempotency-key-reused` for another body, `idempotency-running` while the first call runs
 */
export async function claim(deps: ApiDeps, call: KeyedCall, input: unknown): Promise<Claim> {
  const requestHash = createHash('sha256')
    .update(canonicalJson(input ?? null))
    .digest('hex');
  const found = await inTransaction(deps.pool, call.programId, (tx) =>
    claimKey(tx, { ...call, requestHash, leaseMs: leaseMs(deps) }),
  );
  switch (found.kind) {
    case 'claimed':
      return { kind: 'new', seed: found.seed, held: { ...call, lease: found.lease } };
    case 'reused':
      throw new DomainError('idempotency-key-reused', `This ${HEADER} came with another body before; use a new one.`);
    case 'running':
      throw new DomainError(
        'idempotency-running',
        `The first request with this ${HEADER} is still running; repeat it.`,
      );
    case 'done':
      return {
        kind: 'replay',
        answer: { status: found.status, body: found.body, headers: { 'Idempotency-Replayed': 'true' } },
      };
  }
}

/**
 * Holds the key longer, from now on, also when its time was over and nobody took it.
 * @throws DomainError `conflict` when another request holds it since
 */
export async function renew(deps: ApiDeps, call: HeldCall): Promise<void> {
  const lease = await inTransaction(deps.pool, call.programId, (tx) => renewKey(tx, call, leaseMs(deps)));
  if (lease === null) throw new DomainError('conflict', `Another request with this ${HEADER} took over.`);
  call.lease = lease;
}

/** Keeps a 2xx answer. What is shown only once (a secret) is not kept. */
export async function keep(deps: ApiDeps, call: HeldCall, route: Route, answer: Answer): Promise<void> {
  if (answer.status < 200 || answer.status > 299 || !('body' in answer)) return forget(deps, call);
  const kept = { ...(answer.body as Record<string, unknown>) };
  for (const field of route.showOnce ?? []) delete kept[field];
  await inTransaction(deps.pool, call.programId, (tx) => finishKey(tx, call, answer.status, kept));
}

/** A refusal changed nothing: the key is free again. */
export async function forget(deps: ApiDeps, call: HeldCall): Promise<void> {
  await inTransaction(deps.pool, call.programId, (tx) => abandonKey(tx, call));
}

/** What happened is not known: the key may be sent again at once, and keeps its seed. */
export async function letRepeat(deps: ApiDeps, call: HeldCall): Promise<void> {
  await inTransaction(deps.pool, call.programId, (tx) => releaseKey(tx, call));
}
