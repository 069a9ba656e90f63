import { WorkflowNotFoundError } from '@temporalio/client';
import { DomainError } from '../domain/errors.ts';
import type { Command } from '../workflows/messages.ts';
import { command } from './command.ts';
import type { CommandRequest } from './command.ts';
import type { Call } from './route.ts';

/** Sends a command to a partner's journey. @throws DomainError `illegal-transition` where the journey is over */
export async function toWorkflowOfPartner<Result, Message extends Command>(
  call: Call<unknown, unknown, unknown>,
  partnerId: string,
  request: Omit<CommandRequest<Result, Message>, 'workflowId'>,
): Promise<Result> {
  try {
    return await command(call, { ...request, workflowId: `partner/${partnerId}` });
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new DomainError('illegal-transition', 'The journey of this partner has come to its end.');
  }
}
