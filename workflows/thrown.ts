import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';

/** What a handler throws when its activity was refused: the refusal itself, so that the caller of the update reads its code. */
export function thrownCause(error: unknown): unknown {
  return error instanceof ActivityFailure && error.cause instanceof ApplicationFailure ? error.cause : error;
}
