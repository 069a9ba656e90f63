import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { newPartner } from '../../api/contracts/partner.ts';
import { readHeaderOf } from '../../db/import/header.ts';
import { takeImport } from '../../db/import/take-import.ts';
import { uploadImport } from '../../db/import/upload.ts';
import { newId } from '../../db/ids.ts';
import { eventually } from '../support/eventually.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { startApiWorker } from './api-worker.ts';

let api: ApiStack;
let stopWorker: () => Promise<void>;
beforeAll(async () => {
  api = await startApi();
  stopWorker = await startApiWorker(api);
}, 60_000);
afterAll(async () => {
  await stopWorker?.();
  await api?.stop();
});

const CSV = 'text/csv; charset=utf-8';
const send = (kind: string, raw: string, { key = api.keys.machine, type = CSV, idempotencyKey = randomUUID() } = {}) =>
  api.send('POST', `/v1/imports?kind=${kind}`, { key, raw, idempotencyKey, headers: { 'content-type': type } });
const look = async (id: string, query = '') =>
  (await api.send('GET', `/v1/imports/${id}${query}`, { key: api.keys.auditor })).body;

/** Sends a file and waits for its end. */
async function bring(kind: string, raw: string, options: Parameters<typeof send>[2] = {}) {
  const { status, body } = await send(kind, raw, options);
  expect(status).toBe(202);
  await eventually(async () => expect(['done', 'failed']).toContain((await look(body.id)).state), 20_000);
  return look(body.id);
}

describe('POST /v1/imports', () => {
  it('takes conversions in, and the feed credits them', async () => {
    const row = (id: string) => `${id},c-${id},sale,1000,EUR,${new Date().toISOString()}`;
    const file = `externalId,identity.customerId,type,value.minor,value.currency,occurredAt\n${row('o1')}\n${row('o2')}\nbad\n`;
    const found = await bring('conversions', file);
    expect(found).toMatchObject({
      kind: 'conversions',
      state: 'done',
      progress: { done: 3, total: 3 },
      read: 3,
      accepted: 2,
      duplicate: 0,
      rejected: 1,
      errors: [{ line: 4, code: 'malformed' }],
      nextCursor: null,
    });
    await eventually(async () => {
      const { body } = await api.send('GET', '/v1/conversions', { key: api.keys.auditor });
      expect(body.items.map(({ state }: { state: string }) => state)).toEqual(['open', 'open']);
    }, 20_000);
  }, 60_000);

  it('starts one journey for each partner, by the rules of POST /v1/partners', async () => {
    const file = [
      'name,email,type,country,channels,externalId',
      'Mira,mira@partners.example,creator,DE,video|podcast,x1',
      'Mira again,MIRA@partners.example,creator,DE,,',
      'No mail,,creator,DE,,',
      'No country,noa@partners.example,creator,Germany,,',
      'Otto,otto@partners.example,agency,AT,,x2',
    ].join('\n');
    const found = await bring('partners', file, { key: api.keys.partner_manager });
    expect(found).toMatchObject({
      read: 5,
      accepted: 2,
      duplicate: 1,
      rejected: 2,
      errors: [
        { line: 4, code: 'invalid', detail: expect.stringContaining('email') },
        { line: 5, code: 'invalid', detail: expect.stringContaining('country') },
      ],
    });
    const { body } = await api.send('GET', '/v1/partners', { key: api.keys.auditor });
    expect(
      body.items.map(({ name, status, channels }: Record<string, unknown>) => ({ name, status, channels })),
    ).toEqual(
      expect.arrayContaining([
        { name: 'Mira', status: 'surveying', channels: ['video', 'podcast'] },
        { name: 'Otto', status: 'surveying', channels: [] },
      ]),
    );
    expect(body.items).toHaveLength(2);
    expect(await bring('partners', file, { key: api.keys.partner_manager })).toMatchObject({
      accepted: 0,
      duplicate: 3,
    });
  }, 60_000);

  it('asks for the columns of partners that POST /v1/partners asks for', () => {
    const columns = Object.keys(newPartner.shape);
    const needed = newPartner.safeParse({}).error!.issues.map(({ path }) => path.join('.'));
    expect(needed.length).toBeGreaterThan(2);
    for (const column of columns) {
      const rest = columns.filter((other) => other !== column).join(',');
      if (needed.includes(column)) expect(() => readHeaderOf('partners', rest)).toThrow(`Missing: ${column}.`);
      else expect(readHeaderOf('partners', rest)).not.toContain(column);
    }
    expect(() => readHeaderOf('partners', columns.filter((column) => column !== 'email').join(','))).toThrow(
      /email\.$/,
    );
  });

  it('pages through the errors', async () => {
    const found = await bring('journeys', '{"path":[]}\n{}\n{"path":["a"],"conversions":1,"value":2.5}\n3\n', {
      type: 'application/x-ndjson',
    });
    expect(found).toMatchObject({ accepted: 1, rejected: 3 });
    const first = await look(found.id, '?limit=2');
    expect(first.errors.map(({ line }: { line: number }) => line)).toEqual([1, 2]);
    expect((await look(found.id, `?limit=2&cursor=${first.nextCursor}`)).errors).toMatchObject([{ line: 4 }]);
    const fit = await api.send('POST', '/v1/attribution/fits', {
      key: api.keys.partner_manager,
      body: { source: { importId: found.id }, method: 'shapley' },
    });
    expect(fit.body.channels).toMatchObject([{ channel: 'a' }]);
  }, 60_000);

  it('refuses a path with a value and no conversions by its line', async () => {
    const found = await bring('journeys', 'path,conversions,value,nulls\na,0,2.5,3\na|b,1,2.5,\nb,,0,4\n');
    expect(found).toMatchObject({ accepted: 2, rejected: 1, errors: [{ line: 2, code: 'invalid' }] });
    expect(found.errors[0].detail).toMatch(/value.*without conversions/);
  }, 60_000);

  it('answers the same key with the same import', async () => {
    const idempotencyKey = randomUUID();
    const one = await send('journeys', 'path\na\n', { idempotencyKey });
    expect((await send('journeys', 'path\na\n', { idempotencyKey })).body).toEqual(one.body);
  });

  it('refuses another file under the same key, of any length, and takes it under its own', async () => {
    const idempotencyKey = randomUUID();
    const file = `path\n${'a\n'.repeat(200_000)}`;
    const one = await send('journeys', file, { idempotencyKey });
    for (const other of [file.slice(0, -2), `${file.slice(0, -2)}b\n`, '']) {
      const reply = await send('journeys', other, { idempotencyKey });
      expect(reply).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
    }
    const again = await send('journeys', file, { idempotencyKey });
    expect(again).toMatchObject({ status: 202, body: { id: one.body.id } });
    expect(Object.keys(again.body)).toEqual(['id']);
    expect((await send('journeys', 'path\nb\n')).body.id).not.toBe(one.body.id);
  }, 60_000);

  it('refuses what it cannot take before anything is stored', async () => {
    expect((await send('partners', 'name\n')).status).toBe(403);
    expect((await send('journeys', '{}', { type: 'application/json' })).body.code).toBe('malformed');
    expect((await send('journeys', 'path\na\n', { type: 'text/csv; charset=ISO-8859-1' })).body).toMatchObject({
      code: 'malformed',
      detail: 'Send the file in UTF-8; its Content-Type says charset=ISO-8859-1.',
    });
    expect((await send('nonsense', 'a\n')).status).toBe(422);
    expect((await look('imp_unknown')).code).toBe('not-found');
  });
});

describe('GET /v1/imports', () => {
  const list = async (query: string, key = api.keys.auditor) =>
    (await api.send('GET', `/v1/imports?${query}`, { key })).body;

  it('pages through the imports of the program, newest first, and gives those of one state', async () => {
    const failed = await bring('journeys', 'pth\na\n');
    const done = await bring('journeys', 'path\nA\na\n');
    const { errors, nextCursor, ...counts } = done;
    expect([errors, nextCursor]).toMatchObject([[{ line: 2 }], null]);
    const first = await list('limit=1');
    expect(first).toEqual({ items: [counts], nextCursor: expect.any(String) });
    const second = await list(`limit=1&cursor=${first.nextCursor}`);
    expect(second.items).toMatchObject([{ id: failed.id, state: 'failed', failure: failed.failure }]);
    const { items } = await list('limit=200');
    const ids = items.map(({ id }: { id: string }) => id);
    expect(ids).toEqual([...ids].sort().reverse());
    expect((await list('state=failed&limit=200')).items).toEqual(
      items.filter(({ state }: { state: string }) => state === 'failed'),
    );
  }, 60_000);

  it('is for those who read an import, and for no other program', async () => {
    expect((await list('', api.keys.machine)).items.length).toBeGreaterThan(0);
    const other = await api.anotherProgram();
    expect((await list('', other.keys.owner)).items).toEqual([]);
    expect(await list('state=open')).toMatchObject({ status: 422 });
    expect(await list('cursor=x')).toMatchObject({ status: 422 });
  });
});

it.each(['touchpoints', 'conversions', 'refunds'])(
  'a manager imports no %s, and takes no import of them back',
  async (kind) => {
    const key = api.keys.partner_manager!;
    expect((await send(kind, 'externalId\n', { key })).body).toMatchObject({ status: 403, code: 'forbidden' });
    const { body } = await send(kind, 'externalId\n');
    const cancelled = await api.send('POST', `/v1/imports/${body.id}/cancel`, { key, body: {} });
    expect(cancelled).toMatchObject({ status: 403 });
    expect((await send('journeys', 'path\na\n', { key })).status).toBe(202);
  },
);

describe('POST /v1/imports/{id}/cancel', () => {
  const cancel = (id: string, key = api.keys.machine) =>
    api.send('POST', `/v1/imports/${id}/cancel`, { key, body: {} });

  it('ends an import that is waiting, says what was taken, and the second time the same', async () => {
    const id = newId('import');
    const body = (async function* () {
      yield Buffer.from('path\na\nb\n');
    })();
    const by = { kind: 'person' as const, id: 'per_x' };
    await uploadImport(api.pool, api.programId, { id, kind: 'journeys', format: 'csv', by }, body);
    const first = await cancel(id);
    expect(first).toMatchObject({
      status: 200,
      body: { id, state: 'cancelled', progress: { done: 0, total: 2 }, read: 0, accepted: 0 },
    });
    expect(await cancel(id)).toMatchObject({ status: 200, body: first.body });
    expect(await look(id)).toMatchObject({ state: 'cancelled', errors: [] });
    expect((await takeImport(api.pool, api.programId, id)).state).toBe('cancelled');
  });

  it('refuses one that is done, and leaves it as it is', async () => {
    const { id } = await bring('journeys', 'path\na\n');
    expect((await cancel(id)).body).toMatchObject({ status: 409, code: 'illegal-transition' });
    expect(await look(id)).toMatchObject({ state: 'done', accepted: 1 });
  });

  it('leaves imports of partners to those who invite partners', async () => {
    const { body } = await send('partners', 'name,email\n', { key: api.keys.partner_manager });
    expect((await cancel(body.id)).status).toBe(403);
  });
});
