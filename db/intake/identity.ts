import { newId } from '../ids.ts';
import type { Tx } from '../transaction.ts';
import { insertsWithoutConflict } from './plain-insert.ts';
import { PersonIds } from './person-ids.ts';
import type { PersonKey } from './person.ts';

/** From so many on a plain insert saves more than its savepoint costs. */
const MANY = 100;

/**
 * The identity ids of these keys; keys that are new get one. Inserts are sorted by the unique key, so that two batches never wait for
 * each other crosswise.
 */
export async function ensureIdentities(tx: Tx, keys: readonly PersonKey[]): Promise<PersonIds> {
  const wanted = distinct(keys);
  const ids = await findIdentities(tx, wanted);
  const missing = wanted.filter((key) => ids.get(key) === undefined);
  if (missing.length === 0) return ids;
  const made = missing.map(() => newId('identity'));
  const insert = `insert into identity (program_id, id, kind, value, component_id)
     select $1, id, kind, value, id from unnest($2::text[], $3::text[], $4::text[]) as new (id, kind, value)
     order by kind, value`;
  const values = [tx.programId, made, missing.map(({ kind }) => kind), missing.map(({ value }) => value)];
  const areNew =
    missing.length >= MANY && (await insertsWithoutConflict(tx, insert, values, 'identity_value_is_unique'));
  if (areNew || (await insertThoseMissing(tx, insert, values)) === missing.length)
    missing.forEach((key, index) => ids.set(key, made[index]!));
  // A new statement sees what another batch committed while ours waited for it.
  else await lookUp(tx, missing, ids);
  return ids;
}

async function insertThoseMissing(tx: Tx, insert: string, values: unknown[]): Promise<number> {
  const { rowCount } = await tx.query(`${insert} on conflict (program_id, kind, value) do nothing`, values);
  return rowCount ?? 0;
}

/** The identity ids of those keys that are known. */
export async function findIdentities(tx: Tx, keys: readonly PersonKey[]): Promise<PersonIds> {
  const ids = new PersonIds();
  await lookUp(tx, keys, ids);
  return ids;
}

async function lookUp(tx: Tx, keys: readonly PersonKey[], ids: PersonIds): Promise<void> {
  if (keys.length === 0) return;
  // One text instead of a row each: reading ten thousand rows would cost more than finding them. Ids hold no comma. A subquery and not a
  // join, because a join of many keys would read the whole table.
  const { rows } = await tx.query<{ ids: string }>(
    `select string_agg(
       coalesce((select i.id from identity i where i.program_id = $1 and i.kind = wanted.kind and i.value = wanted.value), ''), ','
       order by wanted.n
     ) as ids
     from unnest($2::text[], $3::text[]) with ordinality as wanted (kind, value, n)`,
    [tx.programId, keys.map(({ kind }) => kind), keys.map(({ value }) => value)],
  );
  const found = rows[0]!.ids.split(',');
  keys.forEach((key, index) => {
    if (found[index]) ids.set(key, found[index]);
  });
}

function distinct(keys: readonly PersonKey[]): PersonKey[] {
  const seen = new PersonIds();
  return keys.filter((key) => {
    if (seen.get(key) !== undefined) return false;
    seen.set(key, key.value);
    return true;
  });
}
