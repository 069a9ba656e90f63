import type { Request } from 'express';
import { z } from 'zod';
import type { Role } from '../domain/task/kinds.ts';
import type { SubjectKind } from '../db/queries/subject.ts';
import type { ApiDeps } from './deps.ts';
import type { Principal } from './principal.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Names of the parameters of a path such as `/v1/partners/{id}`. */
export type PathParams<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Record<Name, string> & PathParams<Rest>
  : Record<never, string>;

/** What a handler gets: everything checked, nothing raw but the request itself. */
export interface Call<Params = Record<string, string>, Query = unknown, Body = unknown> {
  deps: ApiDeps;
  request: Request;
  requestId: string;
  /** Absent on public routes only; see `caller`. */
  principal: Principal | undefined;
  params: Params;
  query: Query;
  body: Body;
  /** 26 characters from which new ids are made, the same for a repeated Idempotency-Key. */
  seed: string;
  /**
   * Keeps the Idempotency-Key of a request that takes long; to be called more often than `leaseMs`.
   * @throws DomainError `conflict` when another request with the same key took over
   */
  renew(): Promise<void>;
  /** How long the key is held without that. */
  leaseMs: number;
  /** The id of the command, made from caller, route and Idempotency-Key; the update's id. */
  commandId: string;
}

/** A JSON answer, or bytes, or a redirect. */
export type Answer =
  | { status: number; body: unknown; headers?: Record<string, string | string[]> }
  | { status: number; bytes: Buffer | string; mediaType: string; headers?: Record<string, string | string[]> };

export interface Route {
  /** Unique: noun and verb, for instance `partners.create`. */
  id: string;
  method: Method;
  path: string;
  tag: string;
  summary: string;
  /** Who may call it. `public` routes know no caller. */
  roles: 'public' | readonly Role[];
  /** Whether an Idempotency-Key is demanded: all POSTs but those that api.md names. */
  idempotent: boolean;
  /** What the path names: it must exist in the program and, for a partner, be theirs, or the answer is 404. */
  subject?: { kind: SubjectKind; param: string };
  query?: z.ZodObject;
  body?: z.ZodType;
  /** Largest body in bytes. */
  bodyLimit?: number;
  answer: { status: number; schema?: z.ZodType; description?: string; mediaTypes?: readonly string[] };
  /** Fields of the answer that are shown once and not kept for a replay. */
  showOnce?: readonly string[];
  /** Public routes that demand an Idempotency-Key say which program the body speaks to, because keys are kept per program. */
  programOf?(deps: ApiDeps, body: never): Promise<string>;
  /** Public routes with a limit of calls per address. */
  rateLimited?: boolean;
  /** Each item of the body has its own result, so that one which is nested too deep or holds no finite number is refused alone, by the intake. */
  judgesItems?: boolean;
  /**
   * Compares a raw body, which the claim of an Idempotency-Key cannot, before the kept answer is given again.
   * @throws DomainError `idempotency-key-reused` for another body
   */
  assertSameBody?(deps: ApiDeps, programId: string, kept: Answer, request: Request): Promise<void>;
  /** Not part of the JSON API: a form's bytes or a signed webhook are read by the handler. */
  rawBody?: boolean;
  handle(call: Call): Promise<Answer>;
}

/** Fields of a query are refused that no contract names. Public addresses stand in mails and pages, where others hang fields of their own on them. */
const NO_QUERY = z.strictObject({});

/** Defines a route; the handler's parameters have the types of its contracts. */
export function route<Path extends string, Query extends z.ZodObject, Body extends z.ZodType>(
  spec: Omit<Route, 'handle' | 'query' | 'body' | 'path' | 'idempotent'> & {
    path: Path;
    idempotent?: boolean;
    query?: Query;
    body?: Body;
    handle(call: Call<PathParams<Path>, z.output<Query>, z.output<Body>>): Promise<Answer>;
  },
): Route {
  const isPublic = spec.roles === 'public';
  return {
    ...spec,
    query: spec.query ?? (isPublic ? undefined : NO_QUERY),
    idempotent: spec.idempotent ?? (spec.method === 'post' && !isPublic),
  };
}

export function ok(body: unknown): Answer {
  return { status: 200, body };
}

export function created(body: unknown): Answer {
  return { status: 201, body };
}

export function accepted(body: unknown): Answer {
  return { status: 202, body };
}
