import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { DomainError } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';

/** What Temporal does with each refusal: `refuse` ends the activity at once, `retry` tries again by the class of work. */
const REACTIONS: Record<ErrorCode, 'refuse' | 'retry'> = {
  malformed: 'refuse',
  'missing-header': 'refuse',
  unauthenticated: 'refuse',
  forbidden: 'refuse',
  'own-request': 'refuse',
  'linked-person': 'refuse',
  'second-person-required': 'refuse',
  'not-found': 'refuse',
  invalid: 'refuse',
  'idempotency-key-reused': 'refuse',
  'idempotency-running': 'retry',
  duplicate: 'refuse',
  'illegal-transition': 'refuse',
  'task-decided': 'refuse',
  'task-closed': 'refuse',
  immutable: 'refuse',
  conflict: 'refuse',
  'too-large': 'refuse',
  'rate-limited': 'retry',
  unavailable: 'retry',
  'not-known-yet': 'retry',
  internal: 'retry',
};

const SQL_DATA_EXCEPTION = /^22[0-9A-Z]{3}$/;

/** A DomainError as Temporal carries it: type = code, details = [details]. Anything else passes unchanged and is retried. */
export function toFailure(error: unknown): unknown {
  if (!(error instanceof DomainError)) return error;
  const isRefusal = REACTIONS[error.code] === 'refuse';
  return ApplicationFailure.create({
    message: error.message,
    type: error.code,
    nonRetryable: isRefusal,
    details: [error.details],
    category: isRefusal ? ApplicationFailureCategory.BENIGN : undefined,
    cause: error,
  });
}

/**
 * Whether the same work would throw this again each time: what the rules refuse, what the database cannot store, and what the code cannot do with
 * these values. Everything else (a server that is away, a lock, the end of an attempt) may pass.
 */
export function isForGood(error: unknown): boolean {
  if (error instanceof DomainError) return REACTIONS[error.code] === 'refuse';
  if (error instanceof RangeError || error instanceof TypeError || error instanceof SyntaxError) return true;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && SQL_DATA_EXCEPTION.test(code);
}

type AnyActivity = (...args: never[]) => Promise<unknown>;

/** Wraps every activity once, so that none has to know how Temporal tells a refusal from a fault. */
export function withFailures<Activities extends object>(activities: Activities): Activities {
  const wrapped = Object.entries(activities as Record<string, AnyActivity>).map(([name, activity]) => [
    name,
    async (...args: never[]) => {
      try {
        return await activity(...args);
      } catch (error) {
        throw toFailure(error);
      }
    },
  ]);
  return Object.fromEntries(wrapped) as Activities;
}
