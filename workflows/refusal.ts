import { ApplicationFailure } from '@temporalio/workflow';
import type { ErrorCode } from '../domain/errors.ts';

/** A refusal of an update: its caller gets the code as `type` and one object of details. Thrown by a validator it leaves no trace in the history. */
export function refuse(code: ErrorCode, message: string, details: object = {}): ApplicationFailure {
  return ApplicationFailure.create({ type: code, message, details: [details], nonRetryable: true });
}
