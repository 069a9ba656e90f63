import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { dropDatabase, urlFor } from '../../db/provision.ts';
import { readDatabaseSafety } from '../../db/safety.ts';
import { readServersFile } from '../support/servers-file.ts';

const prepare = fileURLToPath(new URL('../../db/prepare-main.ts', import.meta.url));

describe('the preparation of a database server', () => {
  const { postgresUrl, logins } = readServersFile();
  const database = 'prepared';
  const apiUrl = urlFor(postgresUrl, database, logins.api);
  const ownerUrl = urlFor(postgresUrl, database, logins.owner);
  afterAll(() => dropDatabase(postgresUrl, database));

  function run(settings: Record<string, string>) {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', prepare], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: process.env.HOME, PROVISION_DATABASE_URL: postgresUrl, ...settings },
    });
    return { status, text: stdout + stderr };
  }

  it('makes logins, database, tables and grants, and can be repeated', async () => {
    const first = run({ MIGRATION_DATABASE_URL: ownerUrl, DATABASE_URL: apiUrl });
    expect(first).toEqual({ status: 0, text: expect.stringMatching(/is ready for Tandem \([1-9]\d* migrations/) });
    expect(await readDatabaseSafety(apiUrl)).toMatchObject({
      isMigrated: true,
      isMemberOfApp: true,
      isSuperuser: false,
      bypassesRls: false,
      ownedTables: 0,
      openTables: [],
    });
    expect(run({ MIGRATION_DATABASE_URL: ownerUrl, DATABASE_URL: apiUrl }).text).toMatch(/\(0 migrations/);
  });

  it('refuses one login for both, because API and workers own no table', () => {
    const { status, text } = run({ MIGRATION_DATABASE_URL: ownerUrl, DATABASE_URL: ownerUrl });
    expect([status, text]).toEqual([1, expect.stringContaining('two logins')]);
  });

  it('names the setting that is missing', () => {
    expect(run({ DATABASE_URL: apiUrl }).text).toMatch(/^MIGRATION_DATABASE_URL is not set/);
  });
});
