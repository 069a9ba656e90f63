import { createHash } from 'node:crypto';
import { WithStartWorkflowOperation, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { isDatabaseAway } from '../db/away.ts';
import { idFromSuffix, idSuffix } from '../db/ids.ts';
import { senderOf } from '../db/import/import.ts';
import type { Import } from '../db/import/import.ts';
import type { CheckedChunk } from '../db/import/checked-chunk.ts';
import { takeChunk } from '../db/import/take-chunk.ts';
import type { IntakeResult } from '../db/intake/result.ts';
import { suffixOf } from '../db/intake/touchpoint-item.ts';
import { storeCommandInput } from '../db/queries/command-input.ts';
import { findSamePartner } from '../db/queries/partner-read.ts';
import { inTransaction } from '../db/transaction.ts';
import { DomainError } from '../domain/errors.ts';
import { createPartner } from '../workflows/messages.ts';
import type { ActivityDeps } from './deps.ts';
import { isForGood } from './failures.ts';

/**
 * Starts the journeys of a chunk's partners, one after the other, so that a file never floods the workers. Partner and command have ids made
 * from import and line: a second attempt meets the first one's partners and makes none twice.
 * @param beat called before each partner; what it throws ends the work
 * @returns whether the chunk was taken
 */
export async function takePartners(
  deps: ActivityDeps,
  programId: string,
  found: Import,
  chunk: CheckedChunk,
  beat: () => void,
): Promise<boolean> {
  const results: IntakeResult[] = Object.values(chunk.items.refused);
  for (const { index, item } of chunk.items.placed) {
    beat();
    const row = { line: chunk.lines[index]!, value: item };
    results.push({ index, ...(await startOrRefuse(deps, programId, found, row)) });
  }
  return takeChunk(deps.pool, programId, found.id, chunk, async () => results);
}

/** What would be thrown each time is the line's own fault: no partner may keep the file from ending, and those behind from starting. */
async function startOrRefuse(
  deps: ActivityDeps,
  programId: string,
  found: Import,
  row: { line: number; value: unknown },
): Promise<Omit<IntakeResult, 'index'>> {
  try {
    return await startPartner(deps, programId, found, row);
  } catch (error) {
    if (isDatabaseAway(error) || !isForGood(error)) throw error;
    deps.log.error({ err: error, importId: found.id, line: row.line }, 'a partner of an import could not be started');
    const reason = error instanceof DomainError ? error.message : 'It holds a value that cannot be stored or sent.';
    return { id: null, status: 'rejected', code: 'invalid', detail: `The partner was not started: ${reason}` };
  }
}

async function startPartner(
  { pool, client, taskQueues }: ActivityDeps,
  programId: string,
  found: Import,
  { line, value }: { line: number; value: unknown },
): Promise<Omit<IntakeResult, 'index'>> {
  const data = value as { email: string; externalId?: string } & Record<string, unknown>;
  const partnerId = idFromSuffix('partner', rowSuffix(found.id, line));
  const commandId = `cmd_${idSuffix(found.id)}_${line}`;
  const actor = senderOf(found);
  const same = await inTransaction(pool, programId, async (tx) => {
    const known = await findSamePartner(tx, data);
    if (!known)
      await storeCommandInput(tx, { id: commandId, kind: 'partner.create', subjectId: partnerId, data, by: actor });
    return known;
  });
  if (same) return { id: same.id, status: same.id === partnerId ? 'accepted' : 'duplicate' };
  const workflowId = `partner/${partnerId}`;
  try {
    await client.workflow.executeUpdateWithStart(createPartner, {
      args: [{ entry: 'team', commandId, actor }],
      updateId: commandId,
      startWorkflowOperation: new WithStartWorkflowOperation('partnerLifecycle', {
        workflowId,
        taskQueue: taskQueues.journeys,
        args: [{ programId, partnerId }],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        staticSummary: workflowId,
      }),
    });
    return { id: partnerId, status: 'accepted' };
  } catch (error) {
    return refused(error);
  }
}

/** A refusal of the workflow is the row's result; anything else is tried again. */
function refused(error: unknown): Omit<IntakeResult, 'index'> {
  if (!(error instanceof WorkflowUpdateFailedError)) throw error;
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if (!(cause instanceof ApplicationFailure) || !cause.nonRetryable) continue;
    if (cause.type === 'duplicate') return { id: null, status: 'duplicate' };
    return { id: null, status: 'rejected', code: 'invalid', detail: cause.message };
  }
  throw error;
}

/** A TypeID's suffix that keeps the import's time in front; the rest is made from the line. */
function rowSuffix(importId: string, line: number): string {
  const digest = createHash('sha256').update(`${importId}\n${line}`).digest('hex');
  return idSuffix(importId).slice(0, 10) + suffixOf(digest).slice(-16);
}
