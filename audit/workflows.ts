import { defineSearchAttributeKey } from '@temporalio/common';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import * as payouts from '../db/audit/payouts.ts';
import { verifyChain } from '../db/queries/chain-proof.ts';
import { NotChecked } from './check.ts';
import type { Check, Evidence } from './check.ts';

/** Runs that one audit looks at, at most; more are told. */
const MOST_RUNS = 5_000;
/** A workflow task that was tried this often is failing. */
const FAILING_ATTEMPTS = 3;
const WAITING_FOR = defineSearchAttributeKey('WaitingFor', 'KEYWORD');
const PROGRAM_ID = /^[a-z]{3}_[0-9a-z]{26}$/;

export const RECORD_CHECKS: readonly Check[] = [
  { name: 'the chain of events verifies', find: ({ tx }) => verifyChain(tx, 'all') },
  { name: 'every open task has a waiting workflow', find: findOrphanedTask },
  { name: 'every waiting workflow has an open task', find: findOrphanedWorkflow },
  { name: 'no workflow has a failing task', find: findFailingWorkflow },
  { name: 'every closed run is archived', find: ({ tx }) => payouts.findLostHistory(tx) },
];

async function findOrphanedTask({ tx, client }: Evidence): Promise<string | null> {
  const tasks = await payouts.listOpenTasks(tx);
  if (tasks.length === 0) return null;
  const temporal = need(client);
  for (const { id, kind, workflowId } of tasks) {
    try {
      const { status } = await asked(() => temporal.workflow.getHandle(workflowId).describe());
      if (status.name !== 'RUNNING')
        return `Task ${id} (${kind}) is open, and its workflow ${workflowId} is ${status.name.toLowerCase()}.`;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError)
        return `Task ${id} (${kind}) is open, and there is no workflow ${workflowId}.`;
      throw error;
    }
  }
  return null;
}

/** By what workflows show of themselves: Visibility lags, so a doubt is looked up once more in the run itself. */
async function findOrphanedWorkflow({ tx, client }: Evidence): Promise<string | null> {
  const open = new Set((await payouts.listOpenTasks(tx)).map(({ workflowId }) => workflowId));
  for await (const { workflowId, waitingFor } of runningOf(need(client), tx.programId)) {
    if (waitingFor === undefined || waitingFor === 'nobody' || open.has(workflowId)) continue;
    const { typedSearchAttributes, status } = await asked(() => need(client).workflow.getHandle(workflowId).describe());
    const now = typedSearchAttributes.get(WAITING_FOR);
    if (status.name === 'RUNNING' && now !== undefined && now !== 'nobody')
      return `Workflow ${workflowId} waits for ${now}, and no task of it is open.`;
  }
  return null;
}

async function findFailingWorkflow({ tx, client }: Evidence): Promise<string | null> {
  for await (const { workflowId } of runningOf(need(client), tx.programId)) {
    const { raw } = await asked(() => need(client).workflow.getHandle(workflowId).describe());
    const attempt = raw.pendingWorkflowTask?.attempt ?? 0;
    if (attempt >= FAILING_ATTEMPTS) return `The workflow task of ${workflowId} failed ${attempt - 1} times.`;
  }
  return null;
}

async function* runningOf(
  client: Client,
  programId: string,
): AsyncGenerator<{ workflowId: string; waitingFor: string | undefined }> {
  if (!PROGRAM_ID.test(programId)) throw new Error(`"${programId}" is no program id.`);
  let seen = 0;
  try {
    for await (const run of client.workflow.list({
      query: `ExecutionStatus = 'Running' and ProgramId = '${programId}'`,
    })) {
      if (++seen > MOST_RUNS) throw new NotChecked(`more than ${MOST_RUNS} runs`);
      yield { workflowId: run.workflowId, waitingFor: run.typedSearchAttributes.get(WAITING_FOR) };
    }
  } catch (error) {
    throw away(error);
  }
}

function need(client: Client | null): Client {
  if (client === null) throw new NotChecked('no Temporal server is known');
  return client;
}

async function asked<Result>(ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    throw away(error);
  }
}

/** A server that is away is no fault of the books; gRPC: 4 deadline, 14 unavailable. */
function away(error: unknown): unknown {
  const cause = (error as { cause?: { code?: number } }).cause;
  return cause?.code === 4 || cause?.code === 14 ? new NotChecked('the Temporal server is away') : error;
}
