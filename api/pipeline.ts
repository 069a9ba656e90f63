import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import { DomainError } from '../domain/errors.ts';
import { idSuffix, newId } from '../db/ids.ts';
import { findSubject } from '../db/queries/subject.ts';
import type { Tx } from '../db/transaction.ts';
import { authenticated } from './authenticate.ts';
import type { ApiDeps } from './deps.ts';
import { claim, commandIdOf, forget, keep, leaseMs, letRepeat, readKey, renew } from './idempotency.ts';
import type { KeyedCall } from './idempotency.ts';
import { jsonReader } from './json-body.ts';
import { rolesOf } from './principal.ts';
import type { Principal } from './principal.ts';
import { assertWithinLimit } from './rate-limit.ts';
import { requestIdOf } from './request-id.ts';
import type { Answer, Call, Route } from './route.ts';
import { refusedFields, validate } from './validate.ts';

const BODY_LIMIT_BYTES = 1_000_000;

/** Runs a route's checks in the order of api.md: 401, 404, 403, (400,) idempotency, 422; then the handler, which gives 409. */
export function serve(route: Route, deps: ApiDeps, limiter: RateLimiterAbstract): RequestHandler {
  const readJson = jsonReader({ limit: route.bodyLimit ?? BODY_LIMIT_BYTES, judgesItems: route.judgesItems });
  return async (request, response) => {
    if (route.rateLimited) await assertWithinLimit(limiter, request, route.id);
    const principal = route.roles === 'public' ? undefined : await authorize(route, deps, request);
    const keyed = readKey(route, request, principal);
    if (route.body && !route.rawBody) await readJson(request);
    if (keyed && route.programOf) keyed.programId = await route.programOf(deps, bodyOf(route, request) as never);
    const answer = await answerOnce(route, deps, request, principal, keyed);
    send(response, answer);
  };
}

async function authorize(route: Route, deps: ApiDeps, request: Request): Promise<Principal> {
  return authenticated(deps, request, async (tx, principal) => {
    await assertSubject(route, tx, request, principal);
    const roles = rolesOf(principal);
    if (route.roles !== 'public' && !roles.some((role) => route.roles.includes(role))) {
      throw new DomainError('forbidden', `This is for ${anyOf(route.roles)}; your role is ${roles.join(', ')}.`);
    }
    return principal;
  });
}

function anyOf(roles: readonly string[]): string {
  return roles.join(', ').replace(/, ([^,]*)$/, ' or $1');
}

async function assertSubject(route: Route, tx: Tx, request: Request, principal: Principal): Promise<void> {
  if (!route.subject) return;
  const id = String(request.params[route.subject.param] ?? '');
  const found = await findSubject(tx, route.subject.kind, id);
  const isTheirs = principal.kind !== 'partner' || found?.isShared || found?.partnerId === principal.partnerId;
  if (!found || !isTheirs) throw new DomainError('not-found', `There is no ${route.subject.kind} ${id}.`);
}

async function answerOnce(
  route: Route,
  deps: ApiDeps,
  request: Request,
  principal: Principal | undefined,
  keyed: KeyedCall | undefined,
): Promise<Answer> {
  const fresh = { seed: idSuffix(newId('event')), commandId: `cmd_${randomUUID()}`, renew: () => Promise.resolve() };
  if (!keyed) return run(route, deps, request, principal, fresh);
  const claimed = await claim(deps, keyed, { body: request.body as unknown, query: request.query });
  if (claimed.kind === 'replay') {
    await route.assertSameBody?.(deps, keyed.programId, claimed.answer, request);
    return claimed.answer;
  }
  try {
    const answer = await run(route, deps, request, principal, {
      seed: claimed.seed,
      commandId: commandIdOf(keyed),
      renew: () => renew(deps, claimed.held),
    });
    await keep(deps, claimed.held, route, answer);
    return answer;
  } catch (error) {
    await (changedNothing(error) ? forget(deps, claimed.held) : letRepeat(deps, claimed.held));
    throw error;
  }
}

/** A refusal changes nothing. Of anything else it is not known how far it came, and behind another body's key stands what the first began. */
function changedNothing(error: unknown): boolean {
  const standing = ['not-known-yet', 'unavailable', 'internal', 'idempotency-key-reused'];
  return error instanceof DomainError && !standing.includes(error.code);
}

async function run(
  route: Route,
  deps: ApiDeps,
  request: Request,
  principal: Principal | undefined,
  own: Pick<Call, 'seed' | 'commandId' | 'renew'>,
): Promise<Answer> {
  const { params } = request as { params: Record<string, string> };
  assertNoNul({ ...params, ...(request.query as Record<string, unknown>) });
  const query = route.query ? validate(route.query, request.query) : {};
  const body = bodyOf(route, request);
  const held = { leaseMs: leaseMs(deps), ...own };
  return route.handle({ deps, request, requestId: requestIdOf(request), principal, params, query, body, ...held });
}

/** No text of PostgreSQL holds NUL, so nothing is found by it, whatever the parameter means. @throws DomainError `invalid` naming each */
function assertNoNul(parameters: Record<string, unknown>): void {
  const bad = Object.keys(parameters).filter((key) => key.includes('\0') || [parameters[key]].flat().some(hasNul));
  if (bad.length > 0) throw refusedFields(bad.map((path) => ({ path, message: 'Give text without NUL.' })));
}

function hasNul(value: unknown): boolean {
  return typeof value === 'string' && value.includes('\0');
}

function bodyOf(route: Route, request: Request): unknown {
  return route.body && !route.rawBody ? validate(route.body, request.body ?? {}) : (request.body as unknown);
}

function send(response: Response, answer: Answer): void {
  response.status(answer.status).set(answer.headers ?? {});
  if ('bytes' in answer) response.type(answer.mediaType).send(answer.bytes);
  else response.json(answer.body);
}
