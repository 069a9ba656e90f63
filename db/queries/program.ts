import type { ProgramSettings } from '../../domain/program/settings.ts';
import type { Tx } from '../transaction.ts';

/** Changes name, zone or the settings that move no money; what is left out stays. */
export async function updateProgram(
  tx: Tx,
  changes: { name?: string; timeZone?: string; settings?: ProgramSettings },
): Promise<void> {
  await tx.query(
    `update program set name = coalesce($2, name), time_zone = coalesce($3, time_zone), settings = coalesce($4, settings)
     where program_id = $1`,
    [tx.programId, changes.name ?? null, changes.timeZone ?? null, changes.settings ?? null],
  );
}

/** Reads the settings and keeps others from changing them until the transaction ends. */
export async function lockSettings(tx: Tx): Promise<ProgramSettings> {
  const { rows } = await tx.query<{ settings: ProgramSettings }>(
    'select settings from program where program_id = $1 for no key update',
    [tx.programId],
  );
  return rows[0]!.settings;
}
