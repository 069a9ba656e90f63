import { closeIntake } from '../locks.ts';
import type { Tx } from '../transaction.ts';

/** Where the program's steps stand. Instants are RFC 3339, or `-infinity` before the first boundary. */
export interface ProgramClock {
  cutAt: string;
  /** Everything received before this instant is credited and posted. Locked means `locksAt ≤ sealedAt`. */
  sealedAt: string;
  /** Rows written now carry it; rows up to `epoch - 1` are the state at `sealedAt`. */
  epoch: number;
  /** The first boundary after `sealedAt`: feed and poster read only what was received before it. `infinity` when none is known. */
  horizon: string;
}

/** A window's lock, an evaluation's cut, or its execution; a study's own cut. */
const BOUNDARIES = `
  select locks_at as at from attribution_window where program_id = $1
  union all
  select cut_at from evaluation where program_id = $1 and cut_at is not null
  union all
  select executed_at from evaluation where program_id = $1 and executed_at is not null
  union all
  select cut_at from study where program_id = $1 and cut_at is not null`;

export async function readClock(tx: Tx): Promise<ProgramClock> {
  const { rows } = await tx.query<ProgramClock>(
    `select c.cut_at as "cutAt", c.sealed_at as "sealedAt", c.epoch,
       least(
         coalesce((select min(locks_at) from attribution_window where program_id = $1 and locks_at > c.sealed_at), 'infinity'),
         coalesce((select min(cut_at) from evaluation where program_id = $1 and cut_at > c.sealed_at), 'infinity'),
         coalesce((select min(executed_at) from evaluation where program_id = $1 and executed_at > c.sealed_at), 'infinity'),
         coalesce((select min(cut_at) from study where program_id = $1 and cut_at > c.sealed_at), 'infinity')
       ) as horizon
     from program_clock c
     where c.program_id = $1`,
    [tx.programId],
  );
  const row = rows[0];
  if (!row) throw new Error(`The program ${tx.programId} has no clock. Make it with insertProgram.`);
  return row;
}

/** Thrown when a boundary was set while a step worked; the step is done again. Its SQL state makes the transaction repeat. */
export class HorizonFell extends Error {
  readonly code = '40001';
}

/** The last read of a step: throws when the horizon fell below the one that the step worked with. */
export async function assertHorizon(tx: Tx, horizon: string): Promise<void> {
  const { rows } = await tx.query<{ fell: boolean }>(
    `select exists (
       select from (${BOUNDARIES}) b, program_clock c
       where c.program_id = $1 and b.at > c.sealed_at and b.at < $2
     ) as fell`,
    [tx.programId, horizon],
  );
  if (rows[0]?.fell) throw new HorizonFell('A boundary was set before the one that this step worked with.');
}

/** The boundaries after what is sealed, up to `until` (inclusive), in order. */
export async function listBoundaries(tx: Tx, until: string): Promise<string[]> {
  const { rows } = await tx.query<{ at: string }>(
    `select distinct b.at from (${BOUNDARIES}) b, program_clock c
     where c.program_id = $1 and b.at > c.sealed_at and b.at <= $2
     order by b.at`,
    [tx.programId, until],
  );
  return rows.map(({ at }) => at);
}

/** The next boundary that is not sealed, or null. */
export async function nextBoundary(tx: Tx): Promise<string | null> {
  const { horizon } = await readClock(tx);
  return horizon === 'infinity' ? null : horizon;
}

/** Cuts at `boundary`: what was stamped before it is committed, and what comes is stamped at or after it. A second cut changes nothing. */
export async function cutAtBoundary(tx: Tx, boundary: string): Promise<void> {
  await closeIntake(tx);
  await tx.query('update program_clock set cut_at = $2 where program_id = $1 and cut_at < $2', [
    tx.programId,
    boundary,
  ]);
}

/**
 * Seals `boundary` when no work received before it is left; rows that are being consumed still show, so they are waited for.
 * @returns whether it is sealed, now or before
 */
export async function sealBoundary(tx: Tx, boundary: string): Promise<boolean> {
  const { rows } = await tx.query<{ sealed: boolean }>(
    `with sealed as (
       update program_clock
       set sealed_at = $2, epoch = epoch + 1
       where program_id = $1 and sealed_at < $2 and cut_at >= $2
         and not exists (select from intake_work where program_id = $1 and received_at < $2)
         and not exists (select from commission_work where program_id = $1 and received_at < $2)
       returning sealed_at
     )
     select exists (select from sealed) or (select sealed_at >= $2 from program_clock where program_id = $1) as sealed`,
    [tx.programId, boundary],
  );
  if (rows[0]?.sealed !== true) return false;
  // Commissions and credits up to this epoch are what stood at the cut of an evaluation or a study.
  await tx.query(
    `update study s set epoch = c.epoch - 1
     from program_clock c
     where s.program_id = $1 and c.program_id = $1 and s.cut_at = $2 and c.sealed_at = $2 and s.epoch is null`,
    [tx.programId, boundary],
  );
  await tx.query(
    `update evaluation e set epoch = c.epoch - 1
     from program_clock c
     where e.program_id = $1 and c.program_id = $1 and e.cut_at = $2 and c.sealed_at = $2 and e.epoch is null`,
    [tx.programId, boundary],
  );
  return true;
}

/** Cuts now, at an instant of its own that nothing was stamped at or after: the cut of an evaluation. Call it first in its transaction. */
export async function cutNow(tx: Tx): Promise<string> {
  await closeIntake(tx);
  const { rows } = await tx.query<{ cut_at: string }>(
    `update program_clock set cut_at = greatest(clock_timestamp(), cut_at + interval '1 microsecond') where program_id = $1 returning cut_at`,
    [tx.programId],
  );
  return rows[0]!.cut_at;
}
