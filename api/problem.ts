import { DomainError } from '../domain/errors.ts';
import type { ErrorCode, FieldFault } from '../domain/errors.ts';

/** How each refusal looks over HTTP. Exhaustive: a new code that is not here does not compile. */
const HTTP: Record<ErrorCode, { status: number; title: string; retryAfterS?: number }> = {
  malformed: { status: 400, title: 'The request cannot be read' },
  'missing-header': { status: 400, title: 'A header is missing' },
  unauthenticated: { status: 401, title: 'Nobody is signed in' },
  forbidden: { status: 403, title: 'Not allowed' },
  'own-request': { status: 403, title: 'Not on your own request' },
  'linked-person': { status: 403, title: 'Not on a partner you are linked to' },
  'second-person-required': { status: 403, title: 'A second person is needed' },
  'not-found': { status: 404, title: 'Not found' },
  invalid: { status: 422, title: 'Values that cannot be used' },
  'idempotency-key-reused': { status: 422, title: 'Idempotency-Key was used for another request' },
  'idempotency-running': { status: 409, title: 'The same request is still running', retryAfterS: 1 },
  duplicate: { status: 409, title: 'It exists already' },
  'illegal-transition': { status: 409, title: 'Not in this state' },
  'task-decided': { status: 409, title: 'Decided already' },
  'task-closed': { status: 409, title: 'Closed already' },
  immutable: { status: 409, title: 'It cannot be changed any more' },
  conflict: { status: 409, title: 'Conflict' },
  'too-large': { status: 413, title: 'Too large' },
  'rate-limited': { status: 429, title: 'Too many requests', retryAfterS: 10 },
  unavailable: { status: 503, title: 'Not available at the moment', retryAfterS: 2 },
  'not-known-yet': { status: 503, title: 'Not known yet', retryAfterS: 2 },
  internal: { status: 500, title: 'Something went wrong' },
};

/** The body of a refusal (RFC 9457) with our fields; details of the error such as `decision` or `existingId` stand beside them. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  detail: string;
  requestId: string;
  errors?: FieldFault[];
}

export interface ProblemAnswer {
  status: number;
  body: Problem;
  retryAfterS?: number;
}

/** @param error anything thrown; what is not a DomainError shows its request id and nothing else */
export function toProblem(error: unknown, requestId: string): ProblemAnswer {
  const known =
    error instanceof DomainError
      ? error
      : new DomainError('internal', `The request ${requestId} failed. Report this id to whoever runs Tandem.`);
  const { status, title, retryAfterS } = HTTP[known.code];
  const { retryAfterS: given, ...details } = known.details;
  const wait = typeof given === 'number' ? given : retryAfterS;
  const { code, message: detail } = known;
  return {
    status,
    body: { ...details, type: `urn:tandem:problem:${code}`, title, status, code, detail, requestId },
    ...(wait === undefined ? {} : { retryAfterS: Math.max(1, Math.ceil(wait)) }),
  };
}

/** Every status that a refusal may have; the OpenAPI lists them. */
export function problemTitles(): { status: number; title: string }[] {
  const byStatus = new Map<number, string>();
  for (const { status, title } of Object.values(HTTP)) byStatus.set(status, byStatus.get(status) ?? title);
  return [...byStatus].map(([status, title]) => ({ status, title })).sort((a, b) => a.status - b.status);
}
