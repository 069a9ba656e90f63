import { Command } from 'commander';
import { readConfig, requireSetting } from '../runtime/config.ts';
import { migrate } from './migrate.ts';
import { joinAppRole, provisionDatabase, readLogin } from './provision.ts';

await new Command('node dist/db/prepare-main.js')
  .description(
    'Makes a server ready for Tandem: the logins and the database that MIGRATION_DATABASE_URL (owner) and DATABASE_URL\n' +
      '(API and workers) name, the newest tables, and the grants. Needs a superuser once: PROVISION_DATABASE_URL. Can be repeated.',
  )
  .action(async () => {
    const config = readConfig();
    const superuserUrl = requireSetting(config, 'PROVISION_DATABASE_URL');
    const ownerUrl = requireSetting(config, 'MIGRATION_DATABASE_URL');
    const owner = readLogin(ownerUrl);
    const api = readLogin(requireSetting(config, 'DATABASE_URL'));
    if (owner.role === api.role) {
      throw new Error('MIGRATION_DATABASE_URL and DATABASE_URL must name two logins: API and workers own no table.');
    }
    const logins = { owner, api };
    await provisionDatabase(superuserUrl, new URL(ownerUrl).pathname.slice(1), logins);
    const done = await migrate(ownerUrl);
    await joinAppRole(superuserUrl, logins);
    console.log(`${new URL(ownerUrl).host} is ready for Tandem (${done.length} migrations carried out now).`);
  })
  .parseAsync()
  .catch((error: Error) => {
    console.error(error.message || String(error));
    process.exitCode = 1;
  });
