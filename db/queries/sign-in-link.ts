import { idFromSuffix, newId } from '../ids.ts';
import { makeSecret, matchesHash, rowSuffixOfSecret } from '../secret.ts';
import type { Tx } from '../transaction.ts';
import type { SessionOwner } from './session.ts';

/** Makes a link's token that signs a person or a partner in, once, until it expires. */
export async function mintSignInLink(
  tx: Tx,
  link: { personId?: string; partnerId?: string; expiresAt: string },
): Promise<string> {
  const id = newId('session');
  const { secret, hash } = makeSecret('tl', tx.programId, id);
  await tx.query(
    'insert into sign_in_link (program_id, id, person_id, partner_id, secret_hash, expires_at) values ($1, $2, $3, $4, $5, $6)',
    [tx.programId, id, link.personId ?? null, link.partnerId ?? null, hash, link.expiresAt],
  );
  return secret;
}

/** Uses a token up. @returns whom it signs in, or undefined when it is unknown, used or too old */
export async function takeSignInLink(tx: Tx, token: string): Promise<SessionOwner | undefined> {
  const suffix = rowSuffixOfSecret(token, 'tl');
  if (suffix === undefined) return undefined;
  const id = idFromSuffix('session', suffix);
  const { rows } = await tx.query<{ secret_hash: string }>(
    'select secret_hash from sign_in_link where program_id = $1 and id = $2',
    [tx.programId, id],
  );
  if (!rows[0] || !matchesHash(token, rows[0].secret_hash)) return undefined;
  const used = await tx.query<{ personId: string | null; partnerId: string | null }>(
    `update sign_in_link set used_at = clock_timestamp()
     where program_id = $1 and id = $2 and used_at is null and expires_at > clock_timestamp()
     returning person_id as "personId", partner_id as "partnerId"`,
    [tx.programId, id],
  );
  return used.rows[0];
}
