import type { Role } from '../../domain/task/kinds.ts';
import { idFromSuffix, newId } from '../ids.ts';
import { makeSecret, matchesHash, rowSuffixOfSecret } from '../secret.ts';
import type { Tx } from '../transaction.ts';
import { readRoles } from './person-roles.ts';

/** Whom a valid key acts for. */
export type KeyHolder =
  | { kind: 'person'; programId: string; personId: string; roles: Role[]; conflicts: string[] }
  | { kind: 'partner'; programId: string; partnerId: string }
  | { kind: 'key'; programId: string; keyId: string; roles: Role[] };

export interface NewApiKey {
  id?: string;
  name: string;
  role: string;
  personId?: string | null;
  partnerId?: string | null;
  scopes?: string[];
  createdBy?: string | null;
}

export interface ApiKey {
  id: string;
  name: string;
  role: string;
  personId: string | null;
  partnerId: string | null;
  scopes: string[];
  createdAt: string;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

/** Makes a key. The secret is returned once; only its hash is stored. */
export async function mintApiKey(tx: Tx, key: NewApiKey): Promise<{ id: string; apiKey: string }> {
  const id = key.id ?? newId('apiKey');
  const { secret, hash } = makeSecret('tk', tx.programId, id);
  await tx.query(
    `insert into api_key (program_id, id, name, role, person_id, partner_id, secret_hash, scopes, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (program_id, id) do update set secret_hash = excluded.secret_hash`,
    [
      tx.programId,
      id,
      key.name,
      key.role,
      key.personId ?? null,
      key.partnerId ?? null,
      hash,
      key.scopes ?? [],
      key.createdBy ?? null,
    ],
  );
  return { id, apiKey: secret };
}

/**
 * Whom the key acts for; undefined when it is unknown, revoked, or its person is disabled or has lost the role.
 * A key has one role of its person, never more than the person has.
 */
export async function authenticateApiKey(tx: Tx, apiKey: string): Promise<KeyHolder | undefined> {
  const suffix = rowSuffixOfSecret(apiKey, 'tk');
  if (suffix === undefined) return undefined;
  const keyId = idFromSuffix('apiKey', suffix);
  const { rows } = await tx.query<{
    role: Role;
    person_id: string | null;
    partner_id: string | null;
    secret_hash: string;
    is_stale: boolean;
  }>(
    `select role, person_id, partner_id, secret_hash,
            coalesce(last_used_at < clock_timestamp() - interval '1 hour', true) as is_stale
     from api_key where program_id = $1 and id = $2 and revoked_at is null`,
    [tx.programId, keyId],
  );
  const row = rows[0];
  if (!row || !matchesHash(apiKey, row.secret_hash)) return undefined;
  if (row.is_stale) {
    await tx.query('update api_key set last_used_at = clock_timestamp() where program_id = $1 and id = $2', [
      tx.programId,
      keyId,
    ]);
  }
  const { programId } = tx;
  if (row.partner_id !== null) return { kind: 'partner', programId, partnerId: row.partner_id };
  if (row.person_id === null) return { kind: 'key', programId, keyId, roles: [row.role] };
  const person = await readRoles(tx, row.person_id);
  if (!person?.roles.includes(row.role)) return undefined;
  return { kind: 'person', programId, personId: row.person_id, roles: [row.role], conflicts: person.conflicts };
}

const COLUMNS = `id, name, role, person_id as "personId", partner_id as "partnerId", scopes, created_at as "createdAt",
  last_used_at as "lastUsedAt", revoked_at as "revokedAt"`;

/** Keys, oldest first, after `afterId`; never their secrets. */
export async function listApiKeys(tx: Tx, filter: { afterId?: string; limit: number }): Promise<ApiKey[]> {
  const { rows } = await tx.query<ApiKey>(
    `select ${COLUMNS} from api_key where program_id = $1 and ($2::text is null or id > $2) order by id limit $3`,
    [tx.programId, filter.afterId ?? null, filter.limit],
  );
  return rows;
}

/** Ends a key at once. @returns the key, or undefined when there is none */
export async function revokeApiKey(tx: Tx, id: string): Promise<ApiKey | undefined> {
  const { rows } = await tx.query<ApiKey>(
    `update api_key set revoked_at = coalesce(revoked_at, clock_timestamp()) where program_id = $1 and id = $2
     returning ${COLUMNS}`,
    [tx.programId, id],
  );
  return rows[0];
}

export async function findApiKey(tx: Tx, id: string): Promise<ApiKey | undefined> {
  const { rows } = await tx.query<ApiKey>(`select ${COLUMNS} from api_key where program_id = $1 and id = $2`, [
    tx.programId,
    id,
  ]);
  return rows[0];
}
