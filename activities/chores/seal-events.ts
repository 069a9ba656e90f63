import type { Pool } from '../../db/pool.ts';
import { sealEvents } from '../../db/queries/event-chain.ts';
import { eachProgram } from './each-program.ts';

/** Seals what was recorded into each program's chain. Of several workers one seals a program at a time, the others pass by. */
export function sealAllEvents(pool: Pool, signal?: AbortSignal): Promise<number> {
  return eachProgram(pool, (programId) => sealEvents(pool, programId), signal);
}
