import { CancellationScope, isCancellation, workflowInfo } from '@temporalio/workflow';
import { drain, record } from './activity-proxies.ts';
import { now } from './pause.ts';
import { showStage } from './waiting.ts';

export interface ImportInput {
  programId: string;
  importId: string;
}

/** A file of facts on its way in, chunk after chunk. When the workflow is cancelled, what was taken stays and the rest is left out. */
export async function bulkImport({ programId, importId }: ImportInput): Promise<string> {
  const scope = { programId, workflowId: workflowInfo().workflowId };
  await record.noteRun({ programId, subject: { type: 'import', id: importId } });
  try {
    const { state } = await drain.runImport({ programId, importId, at: now() });
    showStage(scope, state);
    return state;
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(() => record.cancelImport({ programId, importId }));
    return 'cancelled';
  }
}
