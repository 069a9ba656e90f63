import { json } from 'express';
import type { Request } from 'express';
import { DomainError } from '../domain/errors.ts';
import { findJsonFault, findLostField } from '../domain/json/limits.ts';
import { refusedFields } from './validate.ts';

/** Of objects and lists in a body; what reads one goes down as deep as it is. */
const MOST_LEVELS = 64;

export interface JsonBodyRules {
  /** Largest body in bytes. */
  limit: number;
  /** Whether the body is JSON whatever its media type says: a browser sends beacons as text, because it asks nobody first then. */
  isUntyped?: boolean;
  /** Each item of the body has its own result: one that is nested too deep or holds no finite number is refused alone, by the intake. */
  judgesItems?: boolean;
}

/**
 * A reader of JSON bodies, for every route that takes one. It gives undefined where there is no body.
 * @throws DomainError `malformed`, `too-large`, and `invalid` naming the field that no double holds or no reader follows or keeps
 */
export function jsonReader({ limit, isUntyped, judgesItems }: JsonBodyRules): (request: Request) => Promise<unknown> {
  const read = json({ limit, strict: false, type: () => true });
  return async (request) => {
    if (!isUntyped) assertJsonType(request);
    await new Promise<void>((resolve, reject) => {
      read(request, request.res!, (error?: unknown) => (error ? reject(toDomainError(error)) : resolve()));
    });
    if (!judgesItems) assertReadable(request.body);
    return request.body as unknown;
  };
}

/** @throws DomainError `invalid` naming the field */
export function assertReadable(value: unknown): void {
  const fault = findJsonFault(value, MOST_LEVELS) ?? findLostField(value);
  if (fault) throw refusedFields([fault]);
}

function assertJsonType(request: Request): void {
  const mediaType = request.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? 'application/json';
  if (mediaType === 'application/json' || mediaType.endsWith('+json')) return;
  throw new DomainError('malformed', 'Send JSON with `Content-Type: application/json`.');
}

function toDomainError(error: unknown): unknown {
  const { type } = error as { type?: string };
  if (type === 'entity.too.large') return new DomainError('too-large', 'The body is too large; send it in parts.');
  if (typeof type === 'string') return new DomainError('malformed', 'The body is not JSON that can be read.');
  return error;
}
