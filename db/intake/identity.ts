import { newId } from '../ids.ts';
import type { Tx } from '../transaction.ts';
import { insertsWithoutConflict } from './plain-insert.ts';
import { cellArray } from './cell-array.ts';
import { PersonIds } from './person-ids.ts';
import type { PersonKey } from './person.ts';
import { RowParameters } from './row-parameters.ts';

/** From so many on a plain insert saves more than its savepoint costs. */
const MANY = 100;
const PERSON_KINDS = ['visitor', 'customer', 'email'] as const;

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
  const values: unknown[] = [tx.programId];
  const columns = { ...keyColumns(missing), id: { type: 'text' as const, cells: made } };
  const insert = `insert into identity (program_id, id, kind, value, component_id)
     select $1, s.id, s.kind, s.value, s.id from ${new RowParameters(columns).from(['value', 'kind', 'id'], values)}
     order by s.kind, s.value`;
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

/**
 * Kind by kind, because the index then goes through all values of one in its own order: a third of what a look for each costs. Two texts
 * instead of a row each: reading ten thousand rows would cost more than finding them. Ids hold no comma.
 */
async function lookUp(tx: Tx, keys: readonly PersonKey[], ids: PersonIds): Promise<void> {
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
    for (const [index, id] of found.ids.split(',').entries()) ids.set({ kind, value: found.values[index]! }, id);
  }
}

function keyColumns(keys: readonly PersonKey[]) {
  return {
    value: { type: 'text' as const, cells: keys.map(({ value }) => value) },
    kind: { type: 'text' as const, cells: keys.map(({ kind }) => kind) },
  };
}

function distinct(keys: readonly PersonKey[]): PersonKey[] {
  const seen = new PersonIds();
  return keys.filter((key) => {
    if (seen.get(key) !== undefined) return false;
    seen.set(key, key.value);
    return true;
  });
}
