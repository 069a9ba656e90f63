import type { ProgramSettings } from '../../domain/program/settings.ts';
import type { Terms } from '../../domain/contract/terms.ts';
import type { Policy } from '../../domain/attribution/policy.ts';
import { newId } from '../ids.ts';
import type { Tx } from '../transaction.ts';

export interface NewProgram {
  name: string;
  currency: string;
  timeZone: string;
  settings: ProgramSettings;
}

/** The id of the program with that name in the transaction's program, or undefined. */
export async function programExists(tx: Tx): Promise<boolean> {
  const { rows } = await tx.query('select 1 from program where program_id = $1', [tx.programId]);
  return rows.length === 1;
}

/** Makes the program of this transaction, with its clock and its place in the directory. */
export async function insertProgram(tx: Tx, program: NewProgram): Promise<void> {
  await tx.query('insert into program (program_id, name, currency, time_zone, settings) values ($1, $2, $3, $4, $5)', [
    tx.programId,
    program.name,
    program.currency,
    program.timeZone,
    program.settings,
  ]);
  await tx.query('insert into program_clock (program_id) values ($1)', [tx.programId]);
  await tx.query('insert into program_directory (program_id) values ($1)', [tx.programId]);
}

/** Makes a template version that new contracts of every partner type are offered from. */
export async function insertContractTemplate(
  tx: Tx,
  template: { name: string; terms: Terms; body: string },
): Promise<string> {
  const id = newId('template');
  await tx.query(
    'insert into contract_template (program_id, id, name, version, terms, body) values ($1, $2, $3, 1, $4, $5)',
    [tx.programId, id, template.name, template.terms, template.body],
  );
  return id;
}

export interface NewTrainingModule {
  title: string;
  body: string;
  questions: { id: string; text: string; options: { id: string; text: string }[]; correct: string }[];
  passMark: number;
}

export async function insertTrainingModule(tx: Tx, module: NewTrainingModule): Promise<string> {
  const id = newId('trainingModule');
  await tx.query(
    'insert into training_module (program_id, id, title, body, questions, pass_mark) values ($1, $2, $3, $4, $5, $6)',
    [tx.programId, id, module.title, module.body, JSON.stringify(module.questions), module.passMark],
  );
  return id;
}

/** The first instant that an event may have (db/intake/item.ts): what holds since then holds for all of them. */
const FIRST_INSTANT = '1970-01-01T00:00:00Z';

/** The policy a program starts with: in force for all time until a person submits another, so that events of the past are credited too. */
export async function insertFoundingPolicy(tx: Tx, body: Policy, createdBy: string): Promise<string> {
  const id = newId('policy');
  await tx.query(
    `insert into attribution_policy (program_id, id, name, version, state, body, created_by, effective_from, approved_at)
     values ($1, $2, $3, 1, 'active', $4, $5, $6, clock_timestamp())`,
    [tx.programId, id, body.name, body, createdBy, FIRST_INSTANT],
  );
  await tx.query(
    `insert into policy_period (program_id, policy_id, conversion_type, during, received_at)
     select $1, $2, type, tstzrange(null, null), '-infinity' from unnest($3::text[]) as type`,
    [tx.programId, id, body.conversionTypes],
  );
  return id;
}
