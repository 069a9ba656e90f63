import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import { createApp } from '../../api/app.ts';
import { apiTaskQueues } from '../../api/deps.ts';
import { openApiDocument } from '../../api/openapi.ts';
import { ROUTES } from '../../api/routes/table.ts';
import type { Pool } from '../../db/pool.ts';
import { ClickLog } from '../../api/redirect/click-log.ts';
import { createPool } from '../../db/pool.ts';
import { createLogger } from '../../runtime/log.ts';
import { createRegistry } from '../../runtime/telemetry.ts';
import type { TestPostgres } from '../support/postgres.ts';
import type { TestTemporalClient } from '../support/temporal-client.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { startTestClient } from '../support/temporal-client.ts';
import { readGlossary, unknownWords } from './glossary.ts';
import { readText } from './tree.ts';

/** The description itself and the page that shows it. */
const DESCRIPTION = /^GET \/(openapi\.json|docs)(\/|$)/;

interface RouteLayer {
  route?: { path: string | RegExp; methods: Record<string, boolean> };
}

/** What Express really answers, as `GET /v1/partners/{id}`. */
function servedRoutes(app: Express): string[] {
  const { stack } = app.router as unknown as { stack: RouteLayer[] };
  return stack.flatMap(({ route }) =>
    Object.keys(route?.methods ?? {}).map((method) => `${method.toUpperCase()} ${pathOf(route!.path)}`),
  );
}

/** A pattern stands for the route of the table whose path it takes. */
function pathOf(path: string | RegExp): string {
  if (typeof path === 'string') return path.replaceAll(/:(\w+)/g, '{$1}');
  return ROUTES.find((one) => path.test(one.path))?.path ?? String(path);
}

function describedRoutes(document: { paths?: object }): string[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, operations]) =>
    Object.keys(operations as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

let postgres: TestPostgres;
let temporal: TestTemporalClient;
let pool: Pool;
let app: Express;
let clicks: ClickLog;
let clickFolder: string;

beforeAll(async () => {
  postgres = await startTestPostgres();
  temporal = await startTestClient();
  pool = createPool({ url: postgres.url });
  const ground = {
    pool,
    client: temporal.client,
    log: createLogger('api', { level: 'silent' }),
    registry: createRegistry('api'),
    publicUrl: 'http://localhost',
    taskQueues: apiTaskQueues(temporal.prefix),
    commandTimeoutMs: 1_000,
    publicCallsPerMinute: 1_000,
    trustedProxies: 0,
  };
  clickFolder = await mkdtemp(join(tmpdir(), 'tandem-clicks-'));
  clicks = new ClickLog(ground, clickFolder);
  app = createApp({ ...ground, clicks }).express;
});

afterAll(async () => {
  await clicks.close();
  await rm(clickFolder, { recursive: true });
  await pool.end();
  await postgres.stop();
  await temporal.stop();
});

describe('the OpenAPI description', () => {
  it('describes every route that is served, and serves every route that it describes', () => {
    const served = servedRoutes(app).filter((route) => !DESCRIPTION.test(route));
    expect(served.length).toBeGreaterThan(10);
    expect(served.toSorted()).toEqual(describedRoutes(openApiDocument(ROUTES)).toSorted());
  });

  it('is found wanting when a route is served beside the table', () => {
    const described = describedRoutes(openApiDocument(ROUTES));
    app.get('/v1/back-door/:id', (_request, response) => void response.end());
    expect(servedRoutes(app).filter((route) => !described.includes(route) && !DESCRIPTION.test(route))).toEqual([
      'GET /v1/back-door/{id}',
    ]);
  });

  it('stands in docs/openapi.json (else: npm run openapi)', () => {
    const written: unknown = JSON.parse(readText('docs/openapi.json'));
    const described: unknown = JSON.parse(JSON.stringify(openApiDocument(ROUTES)));
    // The whole difference would be thousands of lines long.
    expect(isDeepStrictEqual(written, described)).toBe(true);
  });

  it('gives every operation a summary, a name of its own and the problems that it may answer', () => {
    const { paths = {} } = openApiDocument(ROUTES);
    const operations = Object.values(paths).flatMap((path) => Object.values(path as Record<string, Operation>));
    expect(operations.filter(({ summary = '' }) => summary.length < 5)).toEqual([]);
    expect(new Set(operations.map((operation) => operation.operationId)).size).toBe(operations.length);
    const silent = operations.filter(
      ({ responses }) => !Object.keys(responses).some((status) => status.startsWith('4')),
    );
    expect(silent.map((operation) => operation.operationId)).toEqual([]);
  });
});

interface Operation {
  operationId: string;
  summary?: string;
  responses: Record<string, unknown>;
}

describe('the paths of the API', () => {
  it('use the words of docs/glossary.md', () => {
    const glossary = readGlossary();
    const faults = ROUTES.map(({ path }) => [path, unknownWords(glossary, path)] as const);
    expect(faults.filter(([, words]) => words.length > 0)).toEqual([]);
  });
});
