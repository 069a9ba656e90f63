import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { examineNode } from '../../stack/checkup/machine.ts';
import { readServersFile } from '../support/servers-file.ts';
import type { TestPostgres } from '../support/postgres.ts';
import { startTestPostgres } from '../support/postgres.ts';

const doctor = fileURLToPath(new URL('../../stack/doctor.ts', import.meta.url));

describe('the doctor', () => {
  let postgres: TestPostgres;
  let stateDir: string;

  beforeAll(async () => {
    postgres = await startTestPostgres();
    stateDir = mkdtempSync(join(tmpdir(), 'tandem-doctor-'));
  });
  afterAll(async () => {
    await postgres.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  /** Every fault that it names, and its exit code. */
  function examine(settings: Record<string, string>): { faults: string[]; status: number | null } {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', doctor, '--state', stateDir], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: process.env.HOME, API_PORT: '3999', ...settings },
    });
    if (stderr) throw new Error(stderr);
    return { status, faults: stdout.split('\n').filter((line) => line.startsWith('FAULT')) };
  }

  const servers = () => ({ DATABASE_URL: postgres.url, TEMPORAL_ADDRESS: readServersFile().temporalAddress });

  it('finds nothing wrong with an ordinary login on a laptop', () => {
    expect(examine(servers())).toEqual({ status: 0, faults: [] });
  });

  it('finds what is unsafe in production: known secrets, a superuser, the dev server, plain http, a local access file', () => {
    writeFileSync(join(stateDir, 'access.json'), '{}');
    const { status, faults } = examine({
      ...servers(),
      TANDEM_ENV: 'production',
      DATABASE_URL: postgres.superuserUrl,
      TANDEM_SECRET: 'change-me-to-32-random-characters-or-more',
      PAYOUT_WEBHOOK_SECRET: `whsec_${Buffer.from('change-me-change-me-change-me').toString('base64')}`,
      PUBLIC_URL: 'http://partners.test',
    });
    rmSync(join(stateDir, 'access.json'));
    expect(status).toBe(1);
    for (const word of [
      'SMTP_URL is not set',
      'TANDEM_SECRET is a value',
      'PAYOUT_WEBHOOK_SECRET is',
      'a superuser',
      'the dev server',
      'PUBLIC_URL is http',
      'access.json',
    ]) {
      expect(faults.join('\n')).toContain(word);
    }
  });

  it('finds a login that owns the tables, and a table without row-level security', async () => {
    const client = new pg.Client({ connectionString: postgres.superuserUrl });
    await client.connect();
    await client.query('alter table partner no force row level security');
    const faults = examine({ ...servers(), DATABASE_URL: postgres.ownerUrl }).faults.join('\n');
    await client.query('alter table partner force row level security');
    await client.end();
    expect(faults).toMatch(/owns \d+ tables/);
    expect(faults).toMatch(/not on and forced on: partner\./);
  });

  it('finds servers that do not answer, without printing a password', () => {
    const { status, faults } = examine({
      DATABASE_URL: 'postgresql://tandem:s3cretword@127.0.0.1:1/tandem',
      TEMPORAL_ADDRESS: '127.0.0.1:1',
    });
    expect(status).toBe(1);
    expect(faults).toHaveLength(2);
    expect(faults.join('\n')).not.toContain('s3cretword');
  });

  it('finds a taken port and names it', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const { port } = squatter.address() as AddressInfo;
    const { faults } = examine({ ...servers(), API_PORT: String(port) });
    squatter.close();
    expect(faults).toEqual([expect.stringContaining(`${port} is taken`)]);
  });

  it('names a setting that cannot be read', () => {
    expect(examine({ API_PORT: 'abc' }).faults.join()).toMatch(/settings/);
  });

  it('knows which Node.js is too old', () => {
    expect([examineNode('20.18.3').level, examineNode('20.19.0').level, examineNode('24.1.0').level]).toEqual([
      'fault',
      'ok',
      'ok',
    ]);
  });
});
