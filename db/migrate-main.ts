import { Command } from 'commander';
import { readConfig } from '../runtime/config.ts';
import { migrate } from './migrate.ts';

await new Command('npm run migrate --')
  .description(
    'Brings the database to the newest version: MIGRATION_DATABASE_URL, or else DATABASE_URL, as the owner of the tables.\n' +
      '`npm start` does this by itself; run it before new versions of API and workers start.',
  )
  .action(async () => {
    const config = readConfig();
    const url = config.MIGRATION_DATABASE_URL ?? config.DATABASE_URL;
    if (url === undefined) {
      throw new Error('Set MIGRATION_DATABASE_URL to the database that shall be migrated (see .env.example).');
    }
    const { host } = new URL(url);
    const done = await migrate(url).catch((error: Error) => {
      throw new Error(`The database at ${host} was not migrated: ${error.message || String(error)}`);
    });
    for (const name of done) console.log(`carried out ${name}`);
    console.log(`${host} is at the newest version (${done.length} migrations carried out now).`);
  })
  .parseAsync()
  .catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
