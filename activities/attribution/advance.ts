import type { Pool } from '../../db/pool.ts';
import { cutAtBoundary, listBoundaries, readClock, sealBoundary } from '../../db/queries/program-clock.ts';
import { inTransaction } from '../../db/transaction.ts';
import { openAllWindows } from '../windows.ts';
import { isBefore } from '../../db/attribution/evidence-limit.ts';
import { addTo, drainCommissions, drainIntake } from './drain.ts';
import type { DrainOptions, DrainResult } from './drain.ts';

const PAUSE_MS = 20;

/**
 * Takes every boundary up to `now`, in order: cut, drain what was received before it, seal. Several may run at once; each boundary is sealed
 * by one of them.
 * @returns the boundaries that are sealed now, and what was drained on the way
 */
export async function advanceBoundaries(
  pool: Pool,
  programId: string,
  options: DrainOptions,
): Promise<{ sealed: string[]; drained: DrainResult }> {
  const sealed: string[] = [];
  const drained: DrainResult = { taken: 0, changed: 0, setAside: 0, holdIds: [] };
  await openAllWindows(pool, programId, options.now);
  for (;;) {
    const [next] = await inTransaction(pool, programId, (tx) => listBoundaries(tx, options.now));
    if (next === undefined) return { sealed, drained };
    addTo(drained, await passBoundary(pool, programId, next, options));
    sealed.push(next);
  }
}

/** Makes sure that everything received before `boundary` is credited and posted, and `boundary` sealed, whatever the clock says. */
export async function settleBoundary(
  pool: Pool,
  programId: string,
  boundary: string,
  options: DrainOptions,
): Promise<DrainResult> {
  const drained: DrainResult = { taken: 0, changed: 0, setAside: 0, holdIds: [] };
  await openAllWindows(pool, programId, options.now);
  for (;;) {
    const { sealedAt } = await inTransaction(pool, programId, readClock);
    if (isBefore(boundary, sealedAt, true)) return drained;
    const [next] = await inTransaction(pool, programId, (tx) => listBoundaries(tx, boundary));
    addTo(drained, await passBoundary(pool, programId, next ?? boundary, options));
  }
}

async function passBoundary(
  pool: Pool,
  programId: string,
  boundary: string,
  options: DrainOptions,
): Promise<DrainResult> {
  const drained: DrainResult = { taken: 0, changed: 0, setAside: 0, holdIds: [] };
  await inTransaction(pool, programId, (tx) => cutAtBoundary(tx, boundary));
  for (;;) {
    options.signal?.throwIfAborted();
    options.heartbeat?.(drained.taken);
    // Asked before draining: most boundaries of many partners have no work before them.
    if (await inTransaction(pool, programId, (tx) => sealBoundary(tx, boundary))) return drained;
    const credited = await drainIntake(pool, programId, options);
    const posted = await drainCommissions(pool, programId, options);
    addTo(drained, credited);
    addTo(drained, posted);
    if (credited.taken + posted.taken > 0) continue;
    // Draining opens windows for sales in the tail of an ended contract: those that lock before this boundary come first, else nothing goes on.
    const [first] = await inTransaction(pool, programId, (tx) => listBoundaries(tx, boundary));
    if (first !== undefined && isBefore(first, boundary))
      addTo(drained, await passBoundary(pool, programId, first, options));
    // Rows that another drain has in its hands still show: it needs a moment.
    else await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
