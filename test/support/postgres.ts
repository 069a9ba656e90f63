import { randomBytes } from 'node:crypto';
import { copyDatabase, dropDatabase, urlFor } from '../../db/provision.ts';
import { readServersFile } from './servers-file.ts';
import { ensureTemplate } from './template.ts';

export interface TestPostgres {
  /** As the API's and the workers' login: a member of tandem_app, so row-level security holds. */
  url: string;
  /** As the owner of the tables, who migrates. */
  ownerUrl: string;
  /** For tests that must look behind row-level security. */
  superuserUrl: string;
  database: string;
  /** Drops the database, with whoever is still connected. */
  stop(): Promise<void>;
}

/** A fresh, migrated, empty database for one test file, on the server of this jest run. Takes about 0.1 s. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const servers = readServersFile();
  const template = await ensureTemplate(servers);
  const database = `test_${randomBytes(6).toString('hex')}`;
  await copyDatabase(servers.postgresUrl, template, database, servers.logins);
  const superuser = new URL(servers.postgresUrl);
  superuser.pathname = `/${database}`;
  return {
    url: urlFor(servers.postgresUrl, database, servers.logins.api),
    ownerUrl: urlFor(servers.postgresUrl, database, servers.logins.owner),
    superuserUrl: superuser.href,
    database,
    stop: () => dropDatabase(servers.postgresUrl, database),
  };
}
