import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate } from '../../db/migrate.ts';
import { dropDatabase, joinAppRole, provisionDatabase, urlFor } from '../../db/provision.ts';
import type { ServersFile } from './servers-file.ts';

/** Any number; test files that need the template at the same time wait for the one that makes it. */
const LOCK = 20_260_001;

/** Makes the migrated template database once per jest run and content of the migrations. Returns its name. */
export async function ensureTemplate(servers: ServersFile): Promise<string> {
  const template = `template_${hashMigrations()}`;
  const client = new pg.Client({ connectionString: servers.postgresUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    const found = await client.query('select 1 from pg_database where datname = $1', [template]);
    if (found.rowCount === 0) await makeTemplate(servers, template);
  } finally {
    await client.end();
  }
  return template;
}

async function makeTemplate(servers: ServersFile, template: string): Promise<void> {
  const half = `${template}_half`;
  await dropDatabase(servers.postgresUrl, half);
  await provisionDatabase(servers.postgresUrl, half, servers.logins);
  await migrate(urlFor(servers.postgresUrl, half, servers.logins.owner));
  await joinAppRole(servers.postgresUrl, servers.logins);
  const client = new pg.Client({ connectionString: servers.postgresUrl });
  await client.connect();
  try {
    await client.query(`alter database ${half} rename to ${template}`);
  } finally {
    await client.end();
  }
}

function hashMigrations(): string {
  const folder = fileURLToPath(new URL('../../db/migrations/', import.meta.url));
  const hash = createHash('sha256');
  for (const file of readdirSync(folder).toSorted()) hash.update(file).update(readFileSync(folder + file));
  return hash.digest('hex').slice(0, 12);
}
