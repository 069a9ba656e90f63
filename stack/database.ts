import { migrate } from '../db/migrate.ts';
import { joinAppRole, provisionDatabase, urlFor } from '../db/provision.ts';
import { startPostgres } from '../runtime/embedded/postgres.ts';
import { embeddedPart } from './embedded-part.ts';
import type { Tree } from './tree.ts';

const DATABASE = 'tandem';

export interface Database {
  /** For API and worker. */
  url: string;
  /** Says where it is, without the password. */
  place: string;
}

/** Brings up the database and its newest tables: the one that DATABASE_URL names, or an embedded PostgreSQL. */
export async function startDatabase(tree: Tree): Promise<Database> {
  const { config, stateDir, ports, identity, supervisor, say } = tree;
  if (config.DATABASE_URL) {
    await tellMigrations(migrate(config.MIGRATION_DATABASE_URL ?? config.DATABASE_URL), say);
    return { url: config.DATABASE_URL, place: `${new URL(config.DATABASE_URL).host} (DATABASE_URL)` };
  }
  let superuserUrl = '';
  await supervisor.add(
    embeddedPart(
      'postgres',
      () => startPostgres({ stateDir, port: ports.postgres }),
      (server) => (superuserUrl = server.url),
    ),
  );
  const { logins } = identity;
  await provisionDatabase(superuserUrl, DATABASE, logins);
  await tellMigrations(migrate(urlFor(superuserUrl, DATABASE, logins.owner)), say);
  await joinAppRole(superuserUrl, logins);
  return {
    url: urlFor(superuserUrl, DATABASE, logins.api),
    place: `127.0.0.1:${ports.postgres} (embedded PostgreSQL)`,
  };
}

async function tellMigrations(migrating: Promise<string[]>, say: (line: string) => void): Promise<void> {
  const done = await migrating;
  if (done.length > 0) say(`Database: ${done.length} migrations carried out, the last is ${done.at(-1)}`);
}
