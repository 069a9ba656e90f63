import {
  isGrpcDeadlineError,
  isGrpcServiceError,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { UpdateDefinition } from '@temporalio/common';
import type { Actor } from '../domain/actor.ts';
import { DomainError, ERROR_CODES } from '../domain/errors.ts';
import type { ErrorCode, ErrorDetails } from '../domain/errors.ts';
import { storeCommandInput } from '../db/queries/command-input.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { Command } from '../workflows/messages.ts';
import { caller } from './caller.ts';
import { isRunning } from './running-workflow.ts';
import { actorOf } from './principal.ts';
import type { ApiTaskQueues } from './deps.ts';
import type { Call } from './route.ts';

/** One command to a workflow: what a person typed goes to Postgres first, the payload holds ids and enumerations only. */
export interface CommandRequest<Result, Message extends Command> {
  update: UpdateDefinition<Result, [Message]>;
  workflowId: string;
  payload: Omit<Message, keyof Command>;
  /** Asked in the transaction that stores the input, before it does; a refusal ends the command with nothing stored. */
  check?: (tx: Tx) => Promise<void>;
  /** Stored as `command_input` under the update's id. */
  input: { kind: string; subjectId: string; data: Record<string, unknown> };
  /** Given where the workflow may not run yet: update-with-start. */
  start?: { type: string; queue: keyof ApiTaskQueues; args: Record<string, unknown> };
  /** Of a command in a batch, whose items need ids of their own. */
  commandId?: string;
}

/**
 * Stores the input, sends the update and waits for its result.
 * @throws DomainError as the workflow refuses; `not-known-yet` when no answer came in time: the command may still be carried out,
 *   and the same Idempotency-Key then returns its one result; `WorkflowNotFoundError` when there is no such run
 */
export async function command<Result, Message extends Command>(
  call: Call<unknown, unknown, unknown>,
  request: CommandRequest<Result, Message>,
): Promise<Result> {
  const principal = caller(call);
  return commandAs(call, principal.programId, actorOf(principal), request);
}

/** The same on behalf of somebody who is no caller yet: an applicant. */
export async function commandAs<Result, Message extends Command>(
  call: Call<unknown, unknown, unknown>,
  programId: string,
  actor: Actor,
  request: CommandRequest<Result, Message>,
): Promise<Result> {
  const commandId = request.commandId ?? call.commandId;
  const { input } = request;
  await inTransaction(call.deps.pool, programId, async (tx) => {
    await request.check?.(tx);
    await storeCommandInput(tx, { id: commandId, ...input, by: actor });
  });
  const args = [{ ...request.payload, commandId, actor } as Message] satisfies [Message];
  const { client, commandTimeoutMs } = call.deps;
  try {
    return await client.withDeadline(Date.now() + commandTimeoutMs, () => send(call, request, args, commandId));
  } catch (error) {
    // After a crash the server may have forgotten an update that it had taken: then it is the update that is not found, and its run lives on.
    if (error instanceof WorkflowNotFoundError && (await isRunning(client, request.workflowId))) throw notKnownYet();
    throw refusalOf(error);
  }
}

function send<Result, Message extends Command>(
  call: Call<unknown, unknown, unknown>,
  { update, workflowId, start }: CommandRequest<Result, Message>,
  args: [Message],
  updateId: string,
): Promise<Result> {
  const { workflow } = call.deps.client;
  if (!start) return workflow.getHandle(workflowId).executeUpdate(update, { args, updateId });
  const startWorkflowOperation = new WithStartWorkflowOperation(start.type, {
    workflowId,
    taskQueue: call.deps.taskQueues[start.queue],
    args: [start.args],
    workflowIdConflictPolicy: 'USE_EXISTING',
    // A run that has ended is not begun anew by a repeated call.
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    staticSummary: workflowId,
  });
  return workflow.executeUpdateWithStart(update, { args, updateId, startWorkflowOperation });
}

const NOT_KNOWN_YET =
  'Not known yet: the request was handed over and may still be carried out. Repeat it with the same Idempotency-Key to get its result.';

/** Turns what Temporal throws into a refusal of ours; what it does not know stays as it is. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof WorkflowUpdateFailedError) return refusalOfCause(error.cause) ?? error;
  if (error instanceof WorkflowExecutionAlreadyStartedError) {
    return new DomainError('illegal-transition', 'This has come to its end already; nothing was changed.');
  }
  if (error instanceof WorkflowNotFoundError) return error;
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(error)) return notKnownYet();
  if (isGrpcServiceError(error) || isGrpcServiceError((error as Error).cause)) return notKnownYet();
  return error;
}

function notKnownYet(): DomainError {
  return new DomainError('not-known-yet', NOT_KNOWN_YET);
}

function refusalOfCause(cause: unknown): DomainError | undefined {
  for (let failure = cause; failure instanceof Error; failure = failure.cause) {
    if (!(failure instanceof ApplicationFailure) || !isErrorCode(failure.type)) continue;
    const [details] = (failure.details ?? []) as [ErrorDetails?];
    return new DomainError(failure.type, failure.message, inAnswer(failure.type, details ?? {}));
  }
  return undefined;
}

/** The decision that stands is called so in the answer (api.md §2). */
function inAnswer(code: ErrorCode, details: ErrorDetails): ErrorDetails {
  return code === 'task-decided' || code === 'task-closed' ? { decision: details } : details;
}

function isErrorCode(text: unknown): text is ErrorCode {
  return ERROR_CODES.includes(text as ErrorCode);
}
