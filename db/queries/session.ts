import { idFromSuffix, newId } from '../ids.ts';
import { makeSecret, matchesHash, rowSuffixOfSecret } from '../secret.ts';
import type { Tx } from '../transaction.ts';
import type { KeyHolder } from './api-key.ts';
import { readRoles } from './person-roles.ts';

/** Whose session it is: a person of the team or a partner. */
export interface SessionOwner {
  personId: string | null;
  partnerId: string | null;
}

/** Opens a session. @returns the secret for the cookie */
export async function openSession(tx: Tx, owner: SessionOwner, expiresAt: string): Promise<string> {
  const id = newId('session');
  const { secret, hash } = makeSecret('ts', tx.programId, id);
  await tx.query(
    'insert into session (program_id, id, person_id, partner_id, secret_hash, expires_at) values ($1, $2, $3, $4, $5, $6)',
    [tx.programId, id, owner.personId, owner.partnerId, hash, expiresAt],
  );
  return secret;
}

/** Whom an open session acts for, with all roles of the person. */
export async function findSession(tx: Tx, secret: string): Promise<KeyHolder | undefined> {
  const suffix = rowSuffixOfSecret(secret, 'ts');
  if (suffix === undefined) return undefined;
  const { rows } = await tx.query<{ person_id: string | null; partner_id: string | null; secret_hash: string }>(
    `select person_id, partner_id, secret_hash from session
     where program_id = $1 and id = $2 and ended_at is null and expires_at > clock_timestamp()`,
    [tx.programId, idFromSuffix('session', suffix)],
  );
  const row = rows[0];
  if (!row || !matchesHash(secret, row.secret_hash)) return undefined;
  const { programId } = tx;
  if (row.partner_id !== null) return { kind: 'partner', programId, partnerId: row.partner_id };
  const person = await readRoles(tx, row.person_id ?? '');
  return person && { kind: 'person', programId, personId: row.person_id ?? '', ...person };
}

/** Ends the session of that secret. */
export async function endSession(tx: Tx, secret: string): Promise<void> {
  const suffix = rowSuffixOfSecret(secret, 'ts');
  if (suffix === undefined) return;
  await tx.query(
    'update session set ended_at = clock_timestamp() where program_id = $1 and id = $2 and ended_at is null',
    [tx.programId, idFromSuffix('session', suffix)],
  );
}
