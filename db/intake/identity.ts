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
  await tx.query(
    `insert into identity (program_id, id, kind, value, component_id)
     select $1, id, kind, value, id from unnest($2::text[], $3::text[], $4::text[]) as new (id, kind, value)
     order by kind, value
     on conflict (program_id, kind, value) do nothing`,
    [
      tx.programId,
      missing.map(() => newId('identity')),
      missing.map(({ kind }) => kind),
      missing.map(({ value }) => value),
    ],
  );
  // A new statement sees what another batch committed while ours waited for it.
  for (const [text, id] of await findIdentities(tx, missing)) ids.set(text, id);
  return ids;
}

/** The identity ids of those keys that are known, by `personKeyText`. */
export async function findIdentities(tx: Tx, keys: readonly PersonKey[]): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map();
  const { rows } = await tx.query<{ id: string; kind: PersonKey['kind']; value: string }>(
    `select i.id, i.kind, i.value
     from unnest($2::text[], $3::text[]) as wanted (kind, value)
     join identity i on i.program_id = $1 and i.kind = wanted.kind and i.value = wanted.value`,
    [tx.programId, keys.map(({ kind }) => kind), keys.map(({ value }) => value)],
  );
  return new Map(rows.map((row) => [personKeyText(row), row.id]));
}
