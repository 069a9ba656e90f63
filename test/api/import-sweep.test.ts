import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sweepImports } from '../../api/import-sweep.ts';
import { apiTaskQueues } from '../../api/deps.ts';
import type { ApiDeps } from '../../api/deps.ts';
import { getImport } from '../../db/import/import.ts';
import { takeImport } from '../../db/import/take-import.ts';
import { uploadImport } from '../../db/import/upload.ts';
import { newId } from '../../db/ids.ts';
import { inTransaction } from '../../db/transaction.ts';
import { createLogger } from '../../runtime/log.ts';
import { eventually } from '../support/eventually.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { startApiWorker } from './api-worker.ts';

let api: ApiStack;
beforeAll(async () => {
  api = await startApi();
}, 60_000);
afterAll(() => api?.stop());

const sweep = () =>
  sweepImports(
    {
      pool: api.pool,
      client: api.temporal.client,
      log: createLogger('api', { level: 'fatal' }),
      taskQueues: apiTaskQueues(api.temporal.prefix),
      commandTimeoutMs: 10_000,
    } as ApiDeps,
    api.programId,
  );
const look = (id: string) => inTransaction(api.pool, api.programId, (tx) => getImport(tx, id));
const run = (id: string) => api.temporal.client.workflow.getHandle(`import/${id}`);

/** A file that arrived whole, whose sender did not hear so, and that has been quiet for some time. */
async function quietImport(age: string, rows = 2): Promise<string> {
  const id = newId('import');
  const by = { kind: 'person' as const, id: 'per_x' };
  const body = async function* () {
    yield Buffer.from(`path\n${'a\n'.repeat(rows)}`);
  };
  await uploadImport(api.pool, api.programId, { id, kind: 'journeys', format: 'csv', by }, body());
  await makeQuiet(id, age);
  return id;
}

const makeQuiet = (id: string, age: string) =>
  inTransaction(api.pool, api.programId, (tx) =>
    tx.query('update import set progress_at = clock_timestamp() - $2::interval where id = $1', [id, age]),
  );

it('a file that nobody began to read is handed to a worker, and one that waits for its worker goes on waiting', async () => {
  const [young, old] = [await quietImport('59 minutes'), await quietImport('61 minutes')];
  await sweep();
  await expect(run(young).describe()).rejects.toThrow(/not found/i);
  expect((await run(old).describe()).status.name).toBe('RUNNING');
  await sweep();
  expect(await look(old)).toMatchObject({ state: 'queued', failure: null });
  const stopWorker = await startApiWorker(api);
  await eventually(async () => expect(await look(old)).toMatchObject({ state: 'done', accepted: 2 }), 20_000);
  await stopWorker();
}, 60_000);

it('a file whose reading was ended from outside is ended too: what was taken stays, the rest is deleted', async () => {
  const id = await quietImport('61 minutes', 10_000);
  await sweep();
  const onChunk = () => {
    chunk += 1;
    if (chunk === 2) throw new Error('The worker is gone.');
  };
  let chunk = 0;
  await expect(takeImport(api.pool, api.programId, id, { lanes: 1, onChunk })).rejects.toThrow('gone');
  await run(id).terminate('by hand');
  await sweep();
  expect(await look(id)).toMatchObject({ state: 'running' });
  await makeQuiet(id, '61 minutes');
  await sweep();
  const { body } = await api.send('GET', `/v1/imports/${id}`, { key: api.keys.auditor });
  expect(body).toMatchObject({
    state: 'failed',
    read: 5_000,
    accepted: 5_000,
    progress: { done: 5_000, total: 10_000 },
  });
  expect(body.failure).toMatch(/ended from outside after 5000 rows.*new Idempotency-Key/);
  const left = await inTransaction(api.pool, api.programId, (tx) =>
    tx.query('select from import_chunk where import_id = $1', [id]),
  );
  expect(left.rowCount).toBe(0);
}, 60_000);

it('an import whose reading is over is answered again under its key, though the first answer was lost', async () => {
  const stopWorker = await startApiWorker(api);
  const request = {
    key: api.keys.machine,
    raw: 'path\na\n',
    idempotencyKey: 'lost-answer',
    headers: { 'content-type': 'text/csv' },
  };
  const { body } = await api.send('POST', '/v1/imports?kind=journeys', request);
  await eventually(async () => expect((await look(body.id)).state).toBe('done'), 20_000);
  await run(body.id).result();
  await inTransaction(api.pool, api.programId, (tx) =>
    tx.query(
      `update idempotency_key set state = 'running', status = null, body = null, leased_until = clock_timestamp() where key = 'lost-answer'`,
    ),
  );
  expect(await api.send('POST', '/v1/imports?kind=journeys', request)).toMatchObject({
    status: 202,
    body: { id: body.id },
  });
  await stopWorker();
}, 60_000);
