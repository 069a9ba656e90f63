import type { IncomingHttpHeaders } from 'node:http';
import type { Request } from 'express';
import { DomainError } from '../domain/errors.ts';
import { authenticateApiKey } from '../db/queries/api-key.ts';
import { findSession } from '../db/queries/session.ts';
import { programOfSecret } from '../db/secret.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { ApiDeps } from './deps.ts';
import type { Principal } from './principal.ts';

export const SESSION_COOKIE = 'tandem_session';
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Finds out who calls, by API key or by session cookie, and runs `then` in the same transaction.
 * @throws DomainError `unauthenticated`; `forbidden` for a change by cookie that another site's page sent
 */
export async function authenticated<Result>(
  deps: ApiDeps,
  request: Request,
  then: (tx: Tx, principal: Principal) => Promise<Result>,
): Promise<Result> {
  const { secret, kind } = presentedSecret(request);
  const programId = programOfSecret(secret);
  if (!programId) throw unauthenticated();
  return inTransaction(deps.pool, programId, async (tx) => {
    const principal = kind === 'key' ? await authenticateApiKey(tx, secret) : await findSession(tx, secret);
    if (!principal) throw unauthenticated();
    if (kind === 'session') assertSameOrigin(deps, request);
    return then(tx, principal);
  });
}

function presentedSecret(request: Request): { secret: string; kind: 'key' | 'session' } {
  const header = request.headers.authorization;
  if (header !== undefined) {
    const [, secret] = /^Bearer +(tk_[\w-]{1,200})$/i.exec(header) ?? [];
    if (secret === undefined) throw unauthenticated();
    return { secret, kind: 'key' };
  }
  const cookie = cookieValue(request.headers, SESSION_COOKIE);
  if (cookie === undefined) throw unauthenticated();
  return { secret: cookie, kind: 'session' };
}

/** The value of a cookie, or undefined. */
export function cookieValue({ cookie }: IncomingHttpHeaders, name: string): string | undefined {
  for (const part of (cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** A browser sends the cookie with requests of other sites' pages too; only our own pages may change something by it. */
function assertSameOrigin(deps: ApiDeps, request: Request): void {
  if (SAFE_METHODS.has(request.method)) return;
  const { origin } = request.headers;
  if (origin !== undefined && origin === new URL(deps.publicUrl).origin) return;
  throw new DomainError('forbidden', 'A change by cookie must come from a page of this site; scripts use an API key.');
}

function unauthenticated(): DomainError {
  return new DomainError('unauthenticated', 'Send `Authorization: Bearer tk_…` with a valid API key, or sign in.');
}
