import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestPostgres } from '../support/postgres.ts';
import { startTestPostgres } from '../support/postgres.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs `npm run migrate` with these settings alone. */
function runMigrate(settings: Record<string, string>): Promise<{ code: number; output: string }> {
  const environment = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...settings };
  return new Promise((resolve) => {
    execFile('npm', ['run', '--silent', 'migrate'], { cwd: root, env: environment }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(async () => {
  await postgres.stop();
});

describe('npm run migrate', () => {
  it('finds nothing to do on a database at the newest version', async () => {
    const { code, output } = await runMigrate({ MIGRATION_DATABASE_URL: postgres.ownerUrl });
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('(0 migrations carried out now)') });
  });

  it('says which setting is missing', async () => {
    const { code, output } = await runMigrate({});
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('Set MIGRATION_DATABASE_URL') });
  });

  it('says which database did not answer, and not the password', async () => {
    const { code, output } = await runMigrate({ MIGRATION_DATABASE_URL: 'postgres://owner:s3cret@127.0.0.1:1/tandem' });
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('The database at 127.0.0.1:1') });
    expect(output).not.toContain('s3cret');
  });
});
