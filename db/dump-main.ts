import { mkdtempSync, chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import pg from 'pg';
import { removePostgresFolder } from '../runtime/embedded/postgres-folder.ts';
import { startPostgres } from '../runtime/embedded/postgres.ts';
import { dumpSchema } from './dump.ts';
import { migrate } from './migrate.ts';
import { makeLogins, provisionDatabase, urlFor } from './provision.ts';

const FILE = fileURLToPath(new URL('./schema.sql', import.meta.url));

/** Carries all migrations out on a scratch database of an embedded server and describes the result. */
async function dumpFromMigrations(): Promise<string> {
  const stateDir = mkdtempSync(join(tmpdir(), 'tandem-dump-'));
  // The embedded server may run as another account than ours.
  chmodSync(stateDir, 0o755);
  try {
    const server = await startPostgres({ stateDir, settings: ['fsync=off'] });
    try {
      const logins = makeLogins();
      await provisionDatabase(server.url, 'tandem', logins);
      const url = urlFor(server.url, 'tandem', logins.owner);
      await migrate(url);
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        return await dumpSchema(client);
      } finally {
        await client.end();
      }
    } finally {
      await server.stop();
    }
  } finally {
    removePostgresFolder(stateDir);
    rmSync(stateDir, { recursive: true, force: true });
  }
}

const command = new Command('npm run schema:dump --')
  .description('Writes db/schema.sql: the schema after all migrations, made on a scratch database of its own.')
  .option('--check', 'write nothing; exit with 1 when db/schema.sql differs')
  .action(async ({ check }: { check?: boolean }) => {
    const dump = await dumpFromMigrations();
    if (check !== true) {
      writeFileSync(FILE, dump);
      console.log(`db/schema.sql: ${dump.split('\n').length - 1} lines.`);
    } else if (readFileSync(FILE, 'utf8') !== dump) {
      console.error('db/schema.sql is not what the migrations make. Run `npm run schema:dump` and commit the result.');
      process.exitCode = 1;
    }
  });

await command.parseAsync();
