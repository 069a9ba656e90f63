import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { journalFolders, segmentsIn } from '../../api/redirect/journal-folder.ts';
import { closeIntake } from '../../db/locks.ts';
import { createPool } from '../../db/pool.ts';
import type { Pool } from '../../db/pool.ts';
import { insertLink } from '../../db/queries/link.ts';
import { inTransaction } from '../../db/transaction.ts';
import { eventually } from '../support/eventually.ts';
import { aPartner, aProgram } from '../support/ground.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { startTestClient } from '../support/temporal-client.ts';
import type { TestPostgres } from '../support/postgres.ts';
import type { TestTemporalClient } from '../support/temporal-client.ts';

let postgres: TestPostgres;
let temporal: TestTemporalClient;
let pool: Pool;
let programId: string;
let folder: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  postgres = await startTestPostgres();
  temporal = await startTestClient();
  pool = createPool({ url: postgres.url });
  ({ programId } = await aProgram(pool));
  const { partnerId } = await aPartner(pool, programId);
  await inTransaction(pool, programId, async (tx) => {
    for (const code of ['killed', 'adopted', 'away', 'private'])
      await insertLink(tx, { partnerId, code, destination: 'https://shop.example/' });
    await insertLink(tx, { partnerId, code: 'lodz', destination: 'https://shop.example/łódź' });
  });
  folder = await mkdtemp(join(tmpdir(), 'tandem-clicks-'));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await pool.end();
  await postgres.stop();
  await temporal.stop();
  await rm(folder, { recursive: true });
});

it('keeps a click that was answered a moment before the process was killed, exactly once', async () => {
  const port = await freePort();
  const api = await startApi(postgres.url, port);
  // While the barrier is closed nothing can be stored, so the kill comes in between for certain.
  await inTransaction(pool, programId, async (tx) => {
    await closeIntake(tx);
    expect(await follow(port, 'killed')).toBe(302);
    api.kill('SIGKILL');
    await once(api, 'exit');
  });
  expect(await touches('killed')).toBe(0);
  await startApi(postgres.url, port);
  await eventually(async () => expect(await touches('killed')).toBe(1));
}, 60_000);

it('takes up the click of a process that died, in another process on the same data folder, exactly once', async () => {
  const port = await freePort();
  const api = await startApi(postgres.url, port);
  await inTransaction(pool, programId, async (tx) => {
    await closeIntake(tx);
    expect(await follow(port, 'adopted')).toBe(302);
    api.kill('SIGKILL');
    await once(api, 'exit');
  });
  expect(await touches('adopted')).toBe(0);
  await startApi(postgres.url, await freePort());
  await eventually(async () => expect(await touches('adopted')).toBe(1));
}, 60_000);

it('sends visitors on while the database is away, says so, and stores the clicks when it is back', async () => {
  const port = await freePort();
  const proxy = await startProxy(postgres.url);
  await startApi(proxy.url, port);
  expect(await follow(port, 'away')).toBe(302);
  await eventually(async () => expect(await touches('away')).toBe(1));
  proxy.cut();
  expect(await follow(port, 'away')).toBe(302);
  expect(await follow(port, 'away')).toBe(302);
  // Of a link that is not in memory nobody can tell where it leads, so it is not said to lead nowhere.
  expect(await follow(port, 'killed')).toBe(503);
  await eventually(async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toMatch(/^tandem_clicks_waiting(\{.*\})? 2$/m);
    const health = (await (await fetch(`http://127.0.0.1:${port}/health/ready`)).json()) as { clicks: string };
    expect(health.clicks).toBe('2 clicks wait for the database; 0 lost since the start.');
  });
  await proxy.mend();
  await eventually(async () => expect(await touches('away')).toBe(3), 20_000);
  proxy.cut();
}, 60_000);

it('goes on for all visitors when the answer to one of them cannot be written, and sends on by what was stored in other letters', async () => {
  const name = { tracking: { clickParameter: 'kliknięcie' } };
  const broken = (await aProgram(pool)).programId;
  await inTransaction(pool, broken, async (tx) => {
    await insertLink(tx, { partnerId: null, code: 'broken', destination: 'https://shop.example/' });
    // What no contract lets through: the name cannot stand in a header.
    await tx.query('update program set settings = settings || $1 where program_id = $2', [name, broken]);
  });
  const port = await freePort();
  await startApi(postgres.url, port, join(folder, 'lasting'));
  for (const status of [500, 500, 500]) expect(await follow(port, 'broken')).toBe(status);
  for (const status of [302, 302, 302]) expect(await follow(port, 'lodz')).toBe(status);
}, 60_000);

it('names a visitor in the journal with consent only', async () => {
  const port = await freePort();
  // No other process takes its journal up.
  const own = join(folder, 'own');
  const api = await startApi(postgres.url, port, own);
  await inTransaction(pool, programId, async (tx) => {
    await closeIntake(tx);
    expect(await follow(port, 'private', { cookie: 'tdvid=visitor-who-agrees' })).toBe(302);
    expect(await follow(port, 'private', { cookie: 'tdvid=visitor-who-does-not', dnt: '1' })).toBe(302);
    api.kill('SIGKILL');
    await once(api, 'exit');
  });
  const journal = journalFolders(own).flatMap((path) =>
    segmentsIn(path).map((name) => readFileSync(join(path, name), 'utf8')),
  );
  expect(journal.join('').trim().split('\n')).toHaveLength(2);
  expect(journal.join('')).toContain('visitor-who-agrees');
  expect(journal.join('')).not.toContain('visitor-who-does-not');
}, 60_000);

async function follow(port: number, code: string, headers: Record<string, string> = {}): Promise<number> {
  return (await fetch(`http://127.0.0.1:${port}/r/${code}`, { redirect: 'manual', headers })).status;
}

function touches(code: string): Promise<number> {
  return inTransaction(pool, programId, async (tx) => {
    const { rows } = await tx.query<{ touches: number }>(
      `select count(*)::int as touches from click c
       join touchpoint t on t.program_id = c.program_id and t.id = c.touchpoint_id
       join link l on l.program_id = t.program_id and l.id = t.link_id
       where c.program_id = $1 and l.code = $2`,
      [programId, code],
    );
    return rows[0]!.touches;
  });
}

/** The API as its own process, with journals in `dataDir`. */
async function startApi(databaseUrl: string, port: number, dataDir = folder): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'api/main.ts'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      PATH: process.env.PATH,
      TANDEM_ENV: 'test',
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      TASK_QUEUE_PREFIX: temporal.prefix,
      TANDEM_SECRET: 'a secret of thirty-two characters',
      TANDEM_DATA_DIR: dataDir,
      API_PORT: String(port),
      LOG_LEVEL: 'fatal',
    },
  });
  children.push(child);
  await eventually(async () => expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200), 30_000);
  return child;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A way to the database that can be cut, with every connection on it, and mended. */
async function startProxy(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const url = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const open = (port: number) => {
    const server = createServer((inward) => {
      const outward = connect(Number(target.port), target.hostname);
      for (const socket of [inward, outward]) {
        sockets.add(socket);
        socket.on('error', () => socket.destroy());
      }
      inward.pipe(outward).pipe(inward);
    }).listen(port, '127.0.0.1');
    return once(server, 'listening').then(() => server);
  };
  let server = await open(0);
  const { port } = server.address() as AddressInfo;
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return {
    url: url.href,
    cut: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
    mend: async () => {
      server = await open(port);
    },
  };
}
