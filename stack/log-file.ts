import { existsSync, renameSync, statSync } from 'node:fs';

const MAX_LOG_BYTES = 20 * 1024 * 1024;

/** Moves a log that has grown large aside (`<file>.1`, the older one goes), so that a laptop's disk never fills with logs. */
export function trimLog(file: string): void {
  if (existsSync(file) && statSync(file).size > MAX_LOG_BYTES) renameSync(file, `${file}.1`);
}
