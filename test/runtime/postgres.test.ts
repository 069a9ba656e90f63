import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { EmbeddedPostgres } from '../../runtime/embedded/postgres.ts';
import { startPostgres } from '../../runtime/embedded/postgres.ts';
import { isReachableByOthers } from '../../runtime/embedded/postgres-account.ts';
import { findCluster, removePostgresFolder } from '../../runtime/embedded/postgres-folder.ts';
import { findFreePort } from '../../runtime/free-port.ts';
import { isAlive } from '../../runtime/process-record.ts';
import { eventually } from '../support/eventually.ts';

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return Object.values(((await client.query(sql)).rows[0] as object | undefined) ?? {})[0];
  } finally {
    await client.end();
  }
}

describe('the embedded PostgreSQL', () => {
  let stateDir: string;
  let server: EmbeddedPostgres;

  beforeAll(async () => {
    stateDir = mkdtempSync(join(tmpdir(), 'tandem-postgres-'));
    // As a folder in root's home: nobody else may enter it.
    chmodSync(stateDir, 0o700);
    server = await startPostgres({ stateDir });
  });
  afterAll(async () => {
    await server.stop();
    removePostgresFolder(stateDir);
    rmSync(stateDir, { recursive: true, force: true });
  });

  it('runs below a folder that only its owner may enter', async () => {
    expect(await ask(server.url, 'select 1 + 1')).toBe(2);
  });

  it('asks for a password', async () => {
    const url = new URL(server.url);
    url.password = 'wrong';
    await expect(ask(url.href, 'select 1')).rejects.toThrow(/password authentication failed/);
  });

  it('stops a server that a killed parent left behind and keeps what was committed', async () => {
    await ask(server.url, 'create table kept (n int)');
    await ask(server.url, 'insert into kept values (42)');
    const orphan = server;
    server = await startPostgres({ stateDir });
    expect(isAlive(orphan.process)).toBe(false);
    expect(await ask(server.url, 'select n from kept')).toBe(42);
  });

  it('recovers after kill -9', async () => {
    process.kill(server.process.pid, 'SIGKILL');
    await server.ended;
    server = await startPostgres({ stateDir });
    expect(await ask(server.url, 'select n from kept')).toBe(42);
  });

  it('waits while a process of a killed server still holds the data', async () => {
    const client = new pg.Client({ connectionString: server.url });
    client.on('error', () => undefined);
    await client.connect();
    const { pid } = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!;
    process.kill(pid, 'SIGSTOP');
    process.kill(server.process.pid, 'SIGKILL');
    await server.ended;
    const starting = startPostgres({ stateDir });
    const log = join(stateDir, 'logs', 'postgres.log');
    const refused = await eventually(() => {
      expect(readFileSync(log, 'utf8')).toMatch(/shared memory block/);
      return true;
    }).finally(() => process.kill(pid, 'SIGCONT'));
    server = await starting;
    expect([refused, await ask(server.url, 'select n from kept')]).toEqual([true, 42]);
  });

  it('starts after a server that was killed between making its pid file and writing it', async () => {
    process.kill(server.process.pid, 'SIGKILL');
    await server.ended;
    writeFileSync(join(findCluster(stateDir)!, 'postmaster.pid'), '');
    server = await startPostgres({ stateDir, readyWithinMs: 10_000 });
    expect(await ask(server.url, 'select n from kept')).toBe(42);
  });

  it('does not stop another program that got the number of a killed server', async () => {
    const dataDir = findCluster(stateDir)!;
    process.kill(server.process.pid, 'SIGKILL');
    await server.ended;
    const lines = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
    writeFileSync(join(dataDir, 'postmaster.pid'), [String(process.pid), ...lines.slice(1)].join('\n'));
    server = await startPostgres({ stateDir });
    expect(await ask(server.url, 'select n from kept')).toBe(42);
  });

  it('names the port when it is taken', async () => {
    const port = await findFreePort();
    const squatter = createServer().listen(port, '127.0.0.1');
    const other = mkdtempSync(join(tmpdir(), 'tandem-postgres-'));
    await expect(startPostgres({ stateDir: other, port })).rejects.toThrow(`Port ${port} for PostgreSQL is taken`);
    squatter.close();
    removePostgresFolder(other);
    rmSync(other, { recursive: true, force: true });
  });

  it('does not run as root', () => {
    expect(readFileSync(`/proc/${server.process.pid}/status`, 'utf8')).not.toMatch(/^Uid:\s+0\b/m);
  });
});

// Only root can try as somebody else, and only where somebody else may read the checkout.
const canActAsStranger = process.getuid?.() === 0 && isReachableByOthers(import.meta.dirname);
const asRoot = canActAsStranger ? it : it.skip;

describe('the embedded PostgreSQL as a normal user', () => {
  asRoot('keeps its data inside the state folder', async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'tandem-postgres-'));
    chownSync(stateDir, 65_534, 65_534);
    const { spawnSync } = await import('node:child_process');
    const script = `
      import { startPostgres } from ${JSON.stringify(new URL('../../runtime/embedded/postgres.ts', import.meta.url).href)};
      const server = await startPostgres({ stateDir: ${JSON.stringify(stateDir)} });
      await server.stop();`;
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      uid: 65_534,
      gid: 65_534,
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin', HOME: stateDir, TMPDIR: stateDir },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(existsSync(join(stateDir, 'postgres', 'PG_VERSION'))).toBe(true);
    rmSync(stateDir, { recursive: true, force: true });
  });
});
