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

export interface Person {
  id: string;
  name: string;
  email: string;
  language: string;
  languages: string[];
  roles: string[];
  markets: string[];
  /** Partners this person is linked to, and therefore never decides on. */
  conflicts: string[];
  disabledAt: string | null;
}

const PERSON = `u.id, u.name, u.email, u.language, u.languages, u.disabled_at as "disabledAt",
  array(select role from membership m where m.program_id = u.program_id and m.person_id = u.id order by m.granted_at, role) as roles,
  array(select distinct market from membership m, unnest(m.markets) market
        where m.program_id = u.program_id and m.person_id = u.id order by market) as markets,
  array(select partner_id from person_conflict c where c.program_id = u.program_id and c.person_id = u.id order by partner_id) as conflicts`;

/** People of the team, oldest first, after `afterId`. */
export async function listPeople(tx: Tx, filter: { afterId?: string; limit?: number } = {}): Promise<Person[]> {
  const { rows } = await tx.query<Person>(
    `select ${PERSON} from app_user u where u.program_id = $1 and ($2::text is null or u.id > $2) order by u.id limit $3`,
    [tx.programId, filter.afterId ?? null, filter.limit ?? 1_000],
  );
  return rows;
}

export async function findPerson(tx: Tx, id: string): Promise<Person | undefined> {
  const { rows } = await tx.query<Person>(`select ${PERSON} from app_user u where u.program_id = $1 and u.id = $2`, [
    tx.programId,
    id,
  ]);
  return rows[0];
}

export interface PersonChanges {
  name?: string;
  language?: string;
  languages?: string[];
  disabled?: boolean;
}

/** Changes what is given and leaves the rest. */
export async function updatePerson(tx: Tx, id: string, changes: PersonChanges): Promise<void> {
  await tx.query(
    `update app_user
     set name = coalesce($3, name), language = coalesce($4, language), languages = coalesce($5, languages),
         disabled_at = case when $6::boolean is null then disabled_at when $6 then coalesce(disabled_at, clock_timestamp()) end
     where program_id = $1 and id = $2`,
    [
      tx.programId,
      id,
      changes.name ?? null,
      changes.language ?? null,
      changes.languages ?? null,
      changes.disabled ?? null,
    ],
  );
}

/** Gives a person exactly these roles, in these markets (none: all). */
export async function replaceRoles(
  tx: Tx,
  personId: string,
  roles: readonly string[],
  markets: readonly string[],
  grantedBy: string,
): Promise<void> {
  await tx.query('delete from membership where program_id = $1 and person_id = $2 and role <> all ($3)', [
    tx.programId,
    personId,
    roles,
  ]);
  await tx.query(
    `insert into membership (program_id, person_id, role, markets, granted_by)
     select $1, $2, role, $4, $5 from unnest($3::text[]) as role order by role
     on conflict (program_id, person_id, role) do update set markets = excluded.markets`,
    [tx.programId, personId, roles, markets, grantedBy],
  );
}

/** Links a person to exactly these partners. */
export async function replaceConflicts(tx: Tx, personId: string, partnerIds: readonly string[]): Promise<void> {
  await tx.query('delete from person_conflict where program_id = $1 and person_id = $2 and partner_id <> all ($3)', [
    tx.programId,
    personId,
    partnerIds,
  ]);
  await tx.query(
    `insert into person_conflict (program_id, person_id, partner_id)
     select $1, $2, partner from unnest($3::text[]) as partner order by partner
     on conflict do nothing`,
    [tx.programId, personId, partnerIds],
  );
}
