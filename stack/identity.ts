import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { newId } from '../db/ids.ts';
import { makeLogins } from '../db/provision.ts';
import { readKept, writeKept } from './kept-file.ts';

const login = z.object({ role: z.string(), password: z.string() });

const schema = z.object({
  /** The seeded program. */
  programId: z.string(),
  isFast: z.boolean(),
  logins: z.object({ owner: login, api: login }),
  tandemSecret: z.string(),
  providerSecret: z.string(),
  webhookSecret: z.string(),
});

/** Secrets and names of one local stack, made at its first start and the same ever after. */
export type Identity = z.infer<typeof schema>;

/**
 * Reads the identity of a state folder or makes it.
 * @param isFast whether gates shall take seconds; decided by the first start, because the program is seeded once
 */
export function keepIdentity(stateDir: string, { isFast }: { isFast: boolean }): Identity {
  const file = join(stateDir, 'identity.json');
  const kept = readKept(file, schema);
  if (kept !== null) return kept;
  const identity: Identity = {
    programId: newId('program'),
    isFast,
    logins: makeLogins(),
    tandemSecret: randomBytes(32).toString('base64url'),
    providerSecret: randomBytes(24).toString('base64url'),
    webhookSecret: `whsec_${randomBytes(32).toString('base64')}`,
  };
  writeKept(file, identity);
  return identity;
}
