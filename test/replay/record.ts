import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

export const HISTORIES = fileURLToPath(new URL('./histories/', import.meta.url));

/**
 * Writes the longest history of each workflow type that ran in a namespace to `histories/<type>.json`, in Temporal's own JSON.
 * Histories hold ids, enumerations, integers and instants only, so they can be committed.
 * @returns the types that were recorded
 */
export async function recordHistories(client: Client, types: readonly string[]): Promise<string[]> {
  mkdirSync(HISTORIES, { recursive: true });
  const recorded: string[] = [];
  for (const type of types) {
    let longest: { workflowId: string; runId: string; length: number } | undefined;
    for await (const run of client.workflow.list({ query: `WorkflowType = "${type}"` })) {
      const length = run.historyLength ?? 0;
      if (!longest || length > longest.length) longest = { workflowId: run.workflowId, runId: run.runId, length };
    }
    if (!longest) continue;
    await recordRun(client, type, longest.workflowId, longest.runId);
    recorded.push(type);
  }
  return recorded;
}

/** Writes the history of one run. */
export async function recordRun(client: Client, type: string, workflowId: string, runId?: string): Promise<void> {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  writeFileSync(join(HISTORIES, `${type}.json`), `${withoutMachine(historyToJSON(history))}\n`);
}

/** Takes out what names the machine that recorded it: identities of workers and clients, paths in stack traces. */
function withoutMachine(json: string): string {
  const hide = (name: string, value: unknown) => {
    if (['identity', 'stackTrace', 'workerInstanceKey'].includes(name)) return '';
    return typeof value === 'string' && /^\d+@/.test(value) ? 'worker' : value;
  };
  return JSON.stringify(JSON.parse(json), hide, 1);
}
