import type { Actor } from '../../domain/actor.ts';
import type { Tx } from '../transaction.ts';

export interface CommandInput<Data = Record<string, unknown>> {
  id: string;
  kind: string;
  subjectId: string;
  data: Data;
  by: Actor;
  receivedAt: string;
}

/** Stores what a person sent with a command; the same id again changes nothing (the update with that id is the same command). */
export async function storeCommandInput(tx: Tx, input: Omit<CommandInput, 'receivedAt'>): Promise<void> {
  await tx.query(
    `insert into command_input (program_id, id, kind, subject_id, data, by_kind, by_id)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (program_id, id) do nothing`,
    [tx.programId, input.id, input.kind, input.subjectId, input.data, input.by.kind, input.by.id ?? null],
  );
}

/** Reads what was sent with a command; undefined if the id is unknown. */
export async function readCommandInput<Data>(tx: Tx, id: string): Promise<CommandInput<Data> | undefined> {
  const { rows } = await tx.query<{
    kind: string;
    subject_id: string;
    data: Data;
    by_kind: Actor['kind'];
    by_id: string | null;
    received_at: string;
  }>(
    'select kind, subject_id, data, by_kind, by_id, received_at from command_input where program_id = $1 and id = $2',
    [tx.programId, id],
  );
  const row = rows[0];
  if (!row) return undefined;
  const by: Actor = row.by_id === null ? { kind: row.by_kind } : { kind: row.by_kind, id: row.by_id };
  return { id, kind: row.kind, subjectId: row.subject_id, data: row.data, by, receivedAt: row.received_at };
}
