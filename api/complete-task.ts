import { createHash } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/client';
import { isValidIBAN, electronicFormatIBAN } from 'ibantools';
import { DomainError } from '../domain/errors.ts';
import type { FieldFault } from '../domain/errors.ts';
import { termsChangesFaults } from '../domain/contract/terms-document.ts';
import { taskDataFaults } from '../domain/task/data.ts';
import { assertOutcome, compareWithStanding } from '../domain/task/decision.ts';
import { findTaskView } from '../db/queries/task-read.ts';
import type { TaskView } from '../db/queries/task-read.ts';
import { lockTask } from '../db/queries/task.ts';
import type { TaskRow } from '../db/queries/task.ts';
import { inTransaction } from '../db/transaction.ts';
import { completeTask } from '../workflows/messages.ts';
import { caller } from './caller.ts';
import { command } from './command.ts';
import { actorOf } from './principal.ts';
import type { Principal } from './principal.ts';
import type { Call } from './route.ts';
import { assertMayDecide } from './task-authority.ts';
import { refusedFields } from './validate.ts';

/** What a caller sends to complete a task. */
export interface Completion {
  outcome: string;
  reason?: string;
  data?: Record<string, unknown>;
}

/**
 * Completes a task through the workflow that opened it.
 * @returns the task with its decision; the same person repeating the same outcome gets it again
 * @throws DomainError 404, 403, 422, then 409 with the decision that stands
 */
export async function complete(
  call: Call<unknown, unknown, unknown>,
  taskId: string,
  completion: Completion,
  commandId = call.commandId,
): Promise<TaskView> {
  const principal = caller(call);
  const task = await check(call, principal, taskId, completion);
  if (task.state !== 'open') return standing(call, principal, taskId, completion);
  const { outcome, reason, data = {} } = completion;
  const kept = normalized(data);
  try {
    await command(call, {
      update: completeTask,
      workflowId: task.workflowId,
      payload: {
        taskId,
        outcome,
        ...(typeof data.acceptedVersion === 'number' ? { acceptedVersion: data.acceptedVersion } : {}),
        ...(typeof data.acceptedHash === 'string' ? { acceptedHash: data.acceptedHash } : {}),
      },
      input: { kind: task.kind, subjectId: taskId, data: { ...(reason ? { reason } : {}), data: kept } },
      commandId,
    });
  } catch (error) {
    // The flow has ended, or the task closed between the look and the update: what stands is in Postgres.
    const isGone = error instanceof WorkflowNotFoundError;
    if (!isGone && !(error instanceof DomainError && error.code === 'task-closed')) throw error;
    return standing(call, principal, taskId, completion);
  }
  return view(call, taskId);
}

/** The checks in their order: 404, 403, 422. */
async function check(
  call: Call<unknown, unknown, unknown>,
  principal: Principal,
  taskId: string,
  completion: Completion,
): Promise<TaskRow> {
  const now = new Date().toISOString();
  const task = await inTransaction(call.deps.pool, principal.programId, async (tx) => {
    const found = await lockTask(tx, taskId);
    if (!found || (principal.kind === 'partner' && found.partnerId !== principal.partnerId)) {
      throw new DomainError('not-found', `There is no task ${taskId}.`);
    }
    await assertMayDecide(tx, principal, found, now);
    return found;
  });
  assertOutcome(task.kind, completion.outcome, completion.reason);
  const faults = dataFaults(task, completion);
  if (faults.length > 0) throw refusedFields(faults);
  return task;
}

function dataFaults(task: TaskRow, { outcome, data }: Completion): FieldFault[] {
  const faults = taskDataFaults(task.kind, outcome, data);
  if (faults.length > 0 || !data) return faults;
  if (task.kind === 'enablement.payout-details') return accountFaults(data);
  if (data.changes !== undefined) return termsChangesFaults(data.changes, 'data.changes');
  return [];
}

/** The one check of a form that needs a library: the IBAN's check digits. */
function accountFaults({ method, iban, account }: Record<string, unknown>): FieldFault[] {
  if (method === 'sandbox') {
    return [
      ...(account === undefined
        ? [{ path: 'data.account', message: 'Give the account of the sandbox provider.' }]
        : []),
      ...(iban === undefined ? [] : [{ path: 'data.iban', message: 'The sandbox takes an account and no IBAN.' }]),
    ];
  }
  if (account !== undefined) return [{ path: 'data.account', message: 'SEPA takes an IBAN and no account.' }];
  const isValid = typeof iban === 'string' && isValidIBAN(electronicFormatIBAN(iban) ?? '');
  return isValid ? [] : [{ path: 'data.iban', message: 'Give a valid IBAN; check its digits.' }];
}

/** IBANs are stored without blanks. */
function normalized(data: Record<string, unknown>): Record<string, unknown> {
  return typeof data.iban === 'string' ? { ...data, iban: electronicFormatIBAN(data.iban) } : data;
}

/** @returns the task when the caller only repeats its decision @throws DomainError `task-decided` or `task-closed` */
async function standing(
  call: Call<unknown, unknown, unknown>,
  principal: Principal,
  taskId: string,
  { outcome }: Completion,
): Promise<TaskView> {
  const task = await view(call, taskId);
  const { decision } = task;
  if (!decision) {
    const decided = { outcome: task.state, at: null, by: { kind: 'rule', id: 'deadline' } };
    const message =
      task.state === 'open' ? 'Its flow has ended; this task can no longer be decided.' : `This task is ${task.state}.`;
    throw new DomainError('task-closed', message, { decision: decided });
  }
  const actor = actorOf(principal);
  const byId = decision.by.kind === actor.kind ? (decision.by.id ?? '') : '';
  const next = { outcome, by: actor.id ?? '-' };
  if (compareWithStanding({ outcome: decision.outcome, by: byId }, next) === 'repeated') return task;
  const { by, at } = decision;
  throw new DomainError('task-decided', `This task was decided before: ${decision.outcome}.`, {
    decision: { outcome: decision.outcome, by, at },
  });
}

function view(call: Call<unknown, unknown, unknown>, taskId: string): Promise<TaskView> {
  return inTransaction(call.deps.pool, caller(call).programId, async (tx) => (await findTaskView(tx, taskId))!, {
    mode: 'snapshot',
  });
}

/** The id of one item's command in a batch. */
export function itemCommandId(commandId: string, taskId: string): string {
  return `cmd_${createHash('sha256').update(`${commandId}\n${taskId}`).digest('base64url').slice(0, 32)}`;
}
