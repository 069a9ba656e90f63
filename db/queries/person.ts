import type { Tx } from '../transaction.ts';

export interface NewPerson {
  id: string;
  name: string;
  email: string;
  role: string;
  language?: string;
  /** Languages in which this person can work. */
  languages?: string[];
  /** Markets that this person looks after; empty: all. */
  markets?: string[];
  grantedBy?: string;
}

/** Adds a person of the team with one role; throws on an e-mail address that is there (`app_user_email_is_unique`). */
export async function insertPerson(tx: Tx, person: NewPerson): Promise<void> {
  await tx.query(
    'insert into app_user (program_id, id, name, email, language, languages) values ($1, $2, $3, $4, $5, $6)',
    [tx.programId, person.id, person.name, person.email, person.language ?? 'en', person.languages ?? []],
  );
  await tx.query(
    'insert into membership (program_id, person_id, role, markets, granted_by) values ($1, $2, $3, $4, $5)',
    [tx.programId, person.id, person.role, person.markets ?? [], person.grantedBy ?? null],
  );
}
