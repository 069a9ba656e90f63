import type { Tx } from '../transaction.ts';
import type { PersonKey } from './person.ts';

/** A click that a redirect link handed out an id for. */
export interface Click {
  id: string;
  touchpointId: string;
  identityId: string | null;
  person: PersonKey | null;
}

/** The clicks with these ids, by id, without a person who took the consent back; ids that nobody knows are left out: they expire, and advertisers pass on foreign ones. */
export async function loadClicks(tx: Tx, ids: readonly string[]): Promise<Map<string, Click>> {
  if (ids.length === 0) return new Map();
  const { rows } = await tx.query<{
    id: string;
    touchpoint_id: string;
    identity_id: string | null;
    kind: PersonKey['kind'] | null;
    value: string | null;
  }>(
    `select c.id, c.touchpoint_id, i.id as identity_id, i.kind, i.value
     from click c
     left join identity i on i.program_id = c.program_id and i.id = c.identity_id
       and not exists (select from consent_withdrawal w where w.program_id = i.program_id and w.identity_id = i.id)
     where c.program_id = $1 and c.id = any ($2)`,
    [tx.programId, ids],
  );
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        touchpointId: row.touchpoint_id,
        identityId: row.identity_id,
        person: row.kind !== null && row.value !== null ? { kind: row.kind, value: row.value } : null,
      },
    ]),
  );
}
