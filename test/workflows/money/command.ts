import { WithStartWorkflowOperation } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import { newId } from '../../../db/ids.ts';
import { storeCommandInput } from '../../../db/queries/command-input.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { openFeedback } from '../../../workflows/messages.ts';
import type { Command } from '../../../workflows/messages.ts';
import type { Programme } from './programme.ts';

let commands = 0;

/** A command as the API gives it: the words to Postgres, the ids to the workflow. */
export async function command<Result, Full extends Command>(
  acme: Programme,
  update: UpdateDefinition<Result, [Full]>,
  to: {
    type: string;
    workflowId: string;
    args?: object;
    payload: Omit<Full, keyof Command>;
    words: object;
    by: string;
  },
): Promise<Result> {
  commands += 1;
  const commandId = `cmd_${commands}`;
  const actor = to.by.startsWith('prt_')
    ? { kind: 'partner' as const, id: to.by }
    : { kind: 'person' as const, id: to.by };
  await inTransaction(acme.pool, acme.programId, (tx) =>
    storeCommandInput(tx, { id: commandId, kind: to.type, subjectId: to.workflowId, data: { ...to.words }, by: actor }),
  );
  const { workflow } = acme.stage.environment.client;
  const args: [Full] = [{ ...to.payload, commandId, actor } as unknown as Full];
  if (!to.args) return workflow.getHandle(to.workflowId).executeUpdate(update, { args, updateId: commandId });
  return workflow.executeUpdateWithStart(update, {
    args,
    updateId: commandId,
    startWorkflowOperation: new WithStartWorkflowOperation(to.type, {
      workflowId: to.workflowId,
      taskQueue: 'money-test',
      args: [to.args],
      workflowIdConflictPolicy: 'USE_EXISTING',
    }),
  });
}

export async function openCase(acme: Programme, partnerId: string, words: object): Promise<string> {
  const feedbackId = newId('feedback');
  await command(acme, openFeedback, {
    type: 'feedbackCase',
    workflowId: `feedback/${feedbackId}`,
    args: { programId: acme.programId, partnerId, feedbackId },
    payload: { partnerId, feedbackId },
    words: { kind: 'attribution', message: 'Your system e-mail takes my credit.', ...words },
    by: partnerId,
  });
  return feedbackId;
}
