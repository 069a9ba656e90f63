import { isDatabaseAway } from '../db/away.ts';
import { cancelImport } from '../db/import/cancel.ts';
import { endImport, getImport, isEnded } from '../db/import/import.ts';
import { takeImport } from '../db/import/take-import.ts';
import type { ImportProgress, TakeOptions } from '../db/import/take-import.ts';
import { SYSTEM } from '../domain/actor.ts';
import { DomainError } from '../domain/errors.ts';
import { inTransaction } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import { isForGood } from './failures.ts';
import { drainOptions } from './feed.ts';
import { takePartners } from './import-partners.ts';
import { nudgeFeed } from './nudge.ts';

const LONGEST_FAILURE = 1_000;

/** An import at the workflow's time (RFC 3339). */
export interface ImportMoment {
  programId: string;
  importId: string;
  at: string;
}

/** Files of facts. A dead attempt's successor goes on with the chunk after the last that was taken. */
export function createImportActivities(deps: ActivityDeps) {
  const { pool, log } = deps;
  return {
    /** Takes an import to its end; one that has ended is left as it is. */
    async runImport({ programId, importId, at }: ImportMoment): Promise<ImportProgress> {
      const { signal, heartbeat } = drainOptions(at);
      const { kind } = await inTransaction(pool, programId, (tx) => getImport(tx, importId));
      const onChunk = () => {
        signal?.throwIfAborted();
        heartbeat?.(0);
      };
      // Journeys are started one after the other; facts are stored while others are read.
      const take: TakeOptions =
        kind === 'partners'
          ? { onChunk, lanes: 1, take: (found, chunk) => takePartners(deps, programId, found, chunk, onChunk) }
          : { onChunk };
      let progress: ImportProgress;
      do
        progress = await takeImport(pool, programId, importId, take).catch((error: unknown) =>
          failed(programId, importId, error),
        );
      while (progress.state === 'running');
      await nudgeFeed(deps, programId);
      return progress;
    },

    /** Leaves out what was not taken yet; an import that has ended stays as it is. */
    async cancelImport({ programId, importId }: Omit<ImportMoment, 'at'>): Promise<void> {
      await inTransaction(pool, programId, async (tx) => {
        if (!isEnded(await getImport(tx, importId))) await cancelImport(tx, importId, SYSTEM);
      });
    },
  };

  /** What cannot be read or stored will not be by trying again: the import says so and ends, or nobody could send its file anew. */
  async function failed(programId: string, importId: string, error: unknown): Promise<ImportProgress> {
    if (isDatabaseAway(error) || !isForGood(error)) throw error;
    log.error({ err: error, importId }, 'a chunk of an import holds what cannot be stored');
    const reason = error instanceof DomainError ? error.message : 'The file holds a value that cannot be stored.';
    return inTransaction(pool, programId, async (tx) => {
      await endImport(tx, importId, 'failed', reason.slice(0, LONGEST_FAILURE));
      return getImport(tx, importId);
    });
  }
}
