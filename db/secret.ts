import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { idFromSuffix, idSuffix } from './ids.ts';

const SHAPE = /^(?:tk|ts|tl|tv)_([0-7][0-9a-hjkmnp-tv-z]{25})_([0-7][0-9a-hjkmnp-tv-z]{25})_([\w-]{43})$/;

/** What each kind of secret starts with: API key, session, sign-in link, open link of a survey. */
export type SecretKind = 'tk' | 'ts' | 'tl' | 'tv';

/**
 * Makes a secret of 256 random bits that carries its program and its row, so that authentication can look inside that program.
 * Only its SHA-256 is stored: a random secret of this length needs no slow hash.
 */
export function makeSecret(kind: SecretKind, programId: string, rowId: string): { secret: string; hash: string } {
  const secret = `${kind}_${idSuffix(programId)}_${idSuffix(rowId)}_${randomBytes(32).toString('base64url')}`;
  return { secret, hash: hashSecret(secret) };
}

/** The program that a secret belongs to by its own words; undefined for anything that is not a secret. */
export function programOfSecret(secret: string): string | undefined {
  const suffix = SHAPE.exec(secret)?.[1];
  return suffix === undefined ? undefined : idFromSuffix('program', suffix);
}

/** The suffix of the row's id that a secret names. */
export function rowSuffixOfSecret(secret: string, kind: SecretKind): string | undefined {
  return secret.startsWith(`${kind}_`) ? SHAPE.exec(secret)?.[2] : undefined;
}

/** Whether the secret is the one with that hash; takes the same time whatever differs. */
export function matchesHash(secret: string, hash: string): boolean {
  const given = Buffer.from(hashSecret(secret), 'hex');
  const stored = Buffer.from(hash, 'hex');
  return given.length === stored.length && timingSafeEqual(given, stored);
}

function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
