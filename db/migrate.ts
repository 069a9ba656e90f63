import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';

/** The folder of SQL files, beside this file in the sources and two levels up from `dist/db`. */
function migrationsFolder(): string {
  const beside = fileURLToPath(new URL('./migrations', import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL('../../db/migrations', import.meta.url));
}

/**
 * Brings the database to the newest version, forward only, one transaction per file. Safe to call from several processes at once (advisory lock).
 * @param databaseUrl a connection as the owner of the schema, who may create roles
 * @returns the names of the migrations that were carried out
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const done = await runner({
    databaseUrl,
    dir: migrationsFolder(),
    direction: 'up',
    migrationsTable: 'schema_migration',
    count: Infinity,
    singleTransaction: false,
    log: () => undefined,
  });
  return done.map((migration) => migration.name);
}
