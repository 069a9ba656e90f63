import type { Pool } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Tx } from '../../db/transaction.ts';
import { authenticateApiKey, mintApiKey } from '../../db/queries/api-key.ts';
import { mintSignInLink } from '../../db/queries/sign-in-link.ts';
import { listPeople } from '../../db/queries/person.ts';
import type { ProgramSettings } from '../../domain/program/settings.ts';
import type { Access, AccessPerson } from './access.ts';
import { makeProgram } from './program.ts';

export interface SeedOptions {
  programId: string;
  name: string;
  fast: boolean;
  /** Instead of the settings that `fast` stands for. */
  settings?: ProgramSettings;
  mailDomain: string;
  /** Where the API answers, for the sign-in links. */
  publicUrl: string;
  mailUrl: string;
  providerUrl: string;
  /** What an earlier start wrote: keys that still work are kept. */
  previous?: Access;
}

/** How long a printed sign-in link can be used. */
const SIGN_IN_LINK_HOURS = 24;

/**
 * Makes the program if it is not there, and the keys and sign-in links of its people. Sign-in links are new at each start, keys stay.
 * @returns what `.tandem/access.json` shall hold
 */
export async function seed(pool: Pool, options: SeedOptions): Promise<Access> {
  await makeProgram(pool, options);
  return inTransaction(pool, options.programId, async (tx) => {
    const people: AccessPerson[] = [];
    for (const person of await listPeople(tx)) {
      const role = person.roles[0];
      if (!role) continue;
      const known = options.previous?.people.find((one) => one.email === person.email)?.apiKey;
      people.push({
        email: person.email,
        role,
        apiKey: await keepOrMintKey(tx, known, { personId: person.id, role }),
        signInUrl: await signInUrl(tx, options.publicUrl, person.id),
      });
    }
    const owner = people.find((person) => person.role === 'owner');
    if (!owner) throw new Error(`The program ${options.programId} has no owner. Start with --reset to make it anew.`);
    return {
      baseUrl: options.publicUrl,
      mailUrl: options.mailUrl,
      providerUrl: options.providerUrl,
      programId: options.programId,
      apiKey: owner.apiKey,
      people,
      partners: options.previous?.partners ?? [],
    };
  });
}

async function keepOrMintKey(
  tx: Tx,
  known: string | undefined,
  of: { personId: string; role: string },
): Promise<string> {
  if (known && (await authenticateApiKey(tx, known))) return known;
  const minted = await mintApiKey(tx, { name: 'Local stack', role: of.role, personId: of.personId });
  return minted.apiKey;
}

async function signInUrl(tx: Tx, publicUrl: string, personId: string): Promise<string> {
  const expiresAt = new Date(Date.now() + SIGN_IN_LINK_HOURS * 3_600_000).toISOString();
  const token = await mintSignInLink(tx, { personId, expiresAt });
  return `${publicUrl}/sign-in?token=${token}`;
}
