import { deleteLeftChunks, endBrokenUploads, endQuietReading, listQuietReadings } from '../db/import/broken-off.ts';
import type { ApiDeps } from './deps.ts';
import { startImport } from './start-import.ts';

/**
 * Looks after the imports of a program that do not go on: an upload that broke off is ended, a file that nobody began to read is handed to a
 * worker again, one whose reading was ended from outside is ended too, and what was not read of ended ones is deleted. Any number may run at once.
 */
export async function sweepImports(deps: ApiDeps, programId: string): Promise<void> {
  const { pool, log } = deps;
  for (const importId of await endBrokenUploads(pool, programId)) log.info({ importId }, 'an upload broke off');
  await deleteLeftChunks(pool, programId);
  for (const importId of await listQuietReadings(pool, programId)) {
    if (await startImport(deps, programId, importId)) continue;
    if (await endQuietReading(pool, programId, importId)) log.warn({ importId }, 'the reading of a file was ended');
  }
  await deleteLeftChunks(pool, programId);
}
