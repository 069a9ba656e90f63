/**
 * Every refusal that Tandem can give, as one closed union.
 * `api/problem.ts` and `activities/failures.ts` are exhaustive records over it: a new code that is not mapped there does not compile.
 */
export const ERROR_CODES = [
  'malformed',
  'missing-header',
  'unauthenticated',
  'forbidden',
  'own-request',
  'linked-person',
  'second-person-required',
  'not-found',
  'invalid',
  'idempotency-key-reused',
  'idempotency-running',
  'duplicate',
  'illegal-transition',
  'task-decided',
  'task-closed',
  'immutable',
  'conflict',
  'too-large',
  'rate-limited',
  'unavailable',
  'not-known-yet',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** One fault of one field: `path` as the caller wrote it (`items.3.value.minor`), `message` says what to do. */
export interface FieldFault {
  path: string;
  message: string;
}

/** JSON-safe facts that travel with an error, for instance the decision that stands or the id that exists. */
export type ErrorDetails = { errors?: FieldFault[] } & Record<string, unknown>;

/** The one error class of the rules. The message is a full sentence that says what to do next. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = 'DomainError';
    this.code = code;
    this.details = details;
  }
}

/** A refusal of one field's value; becomes HTTP 422 with `errors: [{ path, message }]`. */
export function invalid(path: string, message: string): DomainError {
  return new DomainError('invalid', message, { errors: [{ path, message }] });
}
