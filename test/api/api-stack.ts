import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { createApp } from '../../api/app.ts';
import { apiTaskQueues } from '../../api/deps.ts';
import type { ApiDeps } from '../../api/deps.ts';
import { createHttpServer } from '../../api/http-server.ts';
import { stopNudges } from '../../api/nudge.ts';
import { ClickLog } from '../../api/redirect/click-log.ts';
import { newId } from '../../db/ids.ts';
import { createPool } from '../../db/pool.ts';
import type { Pool } from '../../db/pool.ts';
import { mintApiKey } from '../../db/queries/api-key.ts';
import { listPeople } from '../../db/queries/person.ts';
import { inTransaction } from '../../db/transaction.ts';
import { createLogger } from '../../runtime/log.ts';
import { createRegistry } from '../../runtime/telemetry.ts';
import { makeProgram } from '../../stack/seed/program.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { startTestClient } from '../support/temporal-client.ts';
import type { TestTemporalClient } from '../support/temporal-client.ts';

export interface Reply {
  status: number;
  headers: Headers;
  body: any;
  text: string;
}

export interface SendOptions {
  key?: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** Sent as it is instead of `body`. */
  raw?: string;
  /** Idempotency-Key of a POST; a new one by default, `null` for none. */
  idempotencyKey?: string | null;
}

/** The API on a free port, on real PostgreSQL and the real Temporal server, with a seeded program. */
export interface ApiStack {
  baseUrl: string;
  programId: string;
  pool: Pool;
  temporal: TestTemporalClient;
  /** Flush it to see a click in the database. */
  clicks: ClickLog;
  /** API keys of the seeded people: `owner`, `partner_manager`, `partner_manager2`, … */
  keys: Record<string, string>;
  /** Ids of the same people. */
  people: Record<string, string>;
  send(method: string, path: string, options?: SendOptions): Promise<Reply>;
  /** Another program with a team of its own. */
  anotherProgram(): Promise<{ programId: string; keys: Record<string, string>; people: Record<string, string> }>;
  stop(): Promise<void>;
}

export async function startApi(options: Partial<ApiDeps> = {}): Promise<ApiStack> {
  const postgres = await startTestPostgres();
  const temporal = await startTestClient();
  const pool = createPool({ url: postgres.url });
  const server = createHttpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clickFolder = await mkdtemp(join(tmpdir(), 'tandem-clicks-'));
  const ground = {
    pool,
    client: temporal.client,
    log: createLogger('api', { level: 'fatal' }),
    registry: createRegistry('api'),
    publicUrl: baseUrl,
    taskQueues: apiTaskQueues(temporal.prefix),
    commandTimeoutMs: 10_000,
    publicCallsPerMinute: 1_000,
    trustedProxies: 0,
    ...options,
  };
  const clicks = new ClickLog(ground, clickFolder);
  server.on('request', createApp({ ...ground, clicks }).listener);
  const seeded = await seedTeam(pool);
  return {
    baseUrl,
    pool,
    temporal,
    clicks,
    ...seeded,
    send: (method, path, request) => send(baseUrl, method, path, request),
    anotherProgram: () => seedTeam(pool),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await clicks.close();
      await stopNudges(options.client ?? temporal.client);
      await pool.end();
      await temporal.stop();
      await postgres.stop();
      await rm(clickFolder, { recursive: true });
    },
  };
}

async function seedTeam(pool: Pool) {
  const programId = newId('program');
  await makeProgram(pool, { programId, name: 'Test', fast: true, mailDomain: 'team.example' });
  const keys: Record<string, string> = {};
  const people: Record<string, string> = {};
  await inTransaction(pool, programId, async (tx) => {
    for (const person of await listPeople(tx)) {
      const role = person.roles[0]!;
      const name = role in keys ? `${role}2` : role;
      keys[name] = (await mintApiKey(tx, { name: 'Test', role, personId: person.id })).apiKey;
      people[name] = person.id;
    }
    keys.machine = (await mintApiKey(tx, { name: 'Machine', role: 'developer' })).apiKey;
  });
  return { programId, keys, people };
}

async function send(baseUrl: string, method: string, path: string, options: SendOptions = {}): Promise<Reply> {
  const { key, body, raw, headers = {} } = options;
  const idempotencyKey =
    options.idempotencyKey === undefined && method === 'POST' ? randomUUID() : options.idempotencyKey;
  const response = await fetch(`${baseUrl}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...(body === undefined && raw === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
      ...headers,
    },
    body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
}
