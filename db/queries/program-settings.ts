import { DomainError } from '../../domain/errors.ts';
import type { ProgramSettings } from '../../domain/program/settings.ts';
import type { Tx } from '../transaction.ts';

export interface ProgramFrame {
  name: string;
  currency: string;
  timeZone: string;
  settings: ProgramSettings;
  createdAt: string;
}

/** The settings in force, which every gate and calendar asks. @throws DomainError `not-found` */
export async function readProgramFrame(tx: Tx): Promise<ProgramFrame> {
  const { rows } = await tx.query<{
    name: string;
    currency: string;
    time_zone: string;
    settings: ProgramSettings;
    created_at: string;
  }>('select name, currency, time_zone, settings, created_at from program where program_id = $1', [tx.programId]);
  const row = rows[0];
  if (!row) throw new DomainError('not-found', `There is no program ${tx.programId}.`);
  return {
    name: row.name,
    currency: row.currency,
    timeZone: row.time_zone,
    settings: row.settings,
    createdAt: row.created_at,
  };
}
