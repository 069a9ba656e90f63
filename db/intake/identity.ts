import { newIds } from '../ids.ts';
import type { Tx } from '../transaction.ts';
import { insertsWithoutConflict } from './plain-insert.ts';
import { cellArray } from './cell-array.ts';
import { PersonIds } from './person-ids.ts';
import type { PersonKey } from './person.ts';
import { RowParameters } from './row-parameters.ts';

/** From so many on a plain insert saves more than its savepoint costs. */
const MANY = 100;
const PERSON_KINDS = ['visitor', 'customer', 'email'] as const;

/** The identity ids of these keys; keys that are new get one. */
export async function ensureIdentities(tx: Tx, keys: readonly PersonKey[]): Promise<PersonIds> {
  const persons = new PersonIds();
  for (const key of keys) persons.add(key);
  await identifyPersons(tx, persons);
  return persons;
}

/**
 * Gives every key its identity id; keys that are new get one. They are sorted, so that two batches never wait for each other crosswise; their ids
 * ascend with them.
 */
export async function identifyPersons(tx: Tx, persons: PersonIds): Promise<void> {
  await lookUp(tx, persons.keys, persons);
  const missing = persons.missing().sort(byKindAndValue);
  if (missing.length === 0) return;
  const made = newIds('identity', missing.length);
  const values: unknown[] = [tx.programId];
  const columns = { ...keyColumns(missing), id: { type: 'text' as const, cells: made } };
  const insert = `insert into identity (program_id, id, kind, value, component_id)
     select $1, s.id, s.kind, s.value, s.id from ${new RowParameters(columns).from(['value', 'kind', 'id'], values)}`;
  const areNew =
    missing.length >= MANY && (await insertsWithoutConflict(tx, insert, values, 'identity_value_is_unique'));
  if (areNew || (await insertThoseMissing(tx, insert, values)) === missing.length) {
    missing.forEach((key, index) => persons.set(key, made[index]!));
    persons.made = made;
    return;
  }
  // A new statement sees what another batch committed while ours waited for it.
  await lookUp(tx, missing, persons);
  persons.made = made.filter((id, index) => persons.of(missing[index]!) === id);
}

/**
 * Takes away what was made for items of which nothing is stored: the name of a person who took the consent back would come back with each
 * delivery that is repeated, and nothing would stand behind it. What others wait to write they write then.
 * @param stored who is named by what is stored
 */
export async function forgetUnnamed(tx: Tx, persons: PersonIds, stored: Iterable<PersonKey>): Promise<void> {
  if (persons.made.length === 0) return;
  const unnamed = new Set(persons.made);
  for (const key of stored) unnamed.delete(persons.of(key));
  if (unnamed.size === 0) return;
  await tx.query('delete from identity where program_id = $1 and id = any ($2)', [tx.programId, [...unnamed]]);
}

function byKindAndValue(a: PersonKey, b: PersonKey): number {
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1;
  return a.value < b.value ? -1 : 1;
}

async function insertThoseMissing(tx: Tx, insert: string, values: unknown[]): Promise<number> {
  const { rowCount } = await tx.query(`${insert} on conflict (program_id, kind, value) do nothing`, values);
  return rowCount ?? 0;
}

/** The identity ids of those keys that are known. */
export async function findIdentities(tx: Tx, keys: readonly PersonKey[]): Promise<PersonIds> {
  const persons = new PersonIds();
  await lookUp(tx, keys, persons);
  return persons;
}

/**
 * Kind by kind, because the index then goes through all values of one in its own order: a third of what a look for each costs. Two texts
 * instead of a row each: reading ten thousand rows would cost more than finding them. Ids hold no comma.
 */
async function lookUp(tx: Tx, keys: readonly PersonKey[], persons: PersonIds): Promise<void> {
  for (const kind of PERSON_KINDS) {
    const values = keys.filter((key) => key.kind === kind).map(({ value }) => value);
    if (values.length === 0) continue;
    const { rows } = await tx.query<{ ids: string | null; values: string[] }>(
      `select string_agg(i.id, ',') as ids, json_agg(i.value) as values
       from identity i
       where i.program_id = $1 and i.kind = $2 and i.value = any ((select $3::text[])::text[])`,
      [tx.programId, kind, cellArray('text', values)],
    );
    const found = rows[0]!;
    if (found.ids === null) continue;
    for (const [index, id] of found.ids.split(',').entries()) persons.set({ kind, value: found.values[index]! }, id);
  }
}

function keyColumns(keys: readonly PersonKey[]) {
  return {
    value: { type: 'text' as const, cells: keys.map(({ value }) => value) },
    kind: { type: 'text' as const, cells: keys.map(({ kind }) => kind) },
  };
}
