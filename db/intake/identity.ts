import { newId } from '../ids.ts';
import type { Tx } from '../transaction.ts';
import { personKeyText } from './person.ts';
import type { PersonKey } from './person.ts';

/**
 * The identity ids of these keys; keys that are new get one. Inserts are sorted by the unique key, so that two batches never wait for
 * each other crosswise.
 * @returns id by `personKeyText`
 */
export async function ensureIdentities(tx: Tx, keys: readonly PersonKey[]): Promise<Map<string, string>> {
  const wanted = new Map(keys.map((key) => [personKeyText(key), key]));
  const ids = await findIdentities(tx, [...wanted.values()]);
  const missing = [...wanted].filter(([text]) => !ids.has(text)).map(([, key]) => key);
  if (missing.length === 0) return ids;
  const made = missing.map(() => newId('identity'));
  const { rowCount } = await tx.query(
    `insert into identity (program_id, id, kind, value, component_id)
     select $1, id, kind, value, id from unnest($2::text[], $3::text[], $4::text[]) as new (id, kind, value)
     order by kind, value
     on conflict (program_id, kind, value) do nothing`,
    [tx.programId, made, missing.map(({ kind }) => kind), missing.map(({ value }) => value)],
  );
  if (rowCount === missing.length) missing.forEach((key, index) => ids.set(personKeyText(key), made[index]!));
  // A new statement sees what another batch committed while ours waited for it.
  else for (const [text, id] of await findIdentities(tx, missing)) ids.set(text, id);
  return ids;
}

/** The identity ids of those keys that are known, by `personKeyText`. */
export async function findIdentities(tx: Tx, keys: readonly PersonKey[]): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map();
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
  const known = keys.flatMap((key, index): [string, string][] =>
    found[index] ? [[personKeyText(key), found[index]]] : [],
  );
  return new Map(known);
}
