import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import { inTransaction } from '../../db/transaction.ts';
import { findFreePort } from '../../runtime/free-port.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { startApiWorker } from './api-worker.ts';

const invitation = (email: string) => ({ name: 'Mira Films', email, type: 'creator', country: 'DE' });

const countPartners = (api: ApiStack, email: string) =>
  inTransaction(api.pool, api.programId, async (tx) => {
    const { rows } = await tx.query('select 1 from partner where email = $1', [email]);
    return rows.length;
  });

describe('without a worker', () => {
  let api: ApiStack;
  let stopWorker: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    api = await startApi({ commandTimeoutMs: 400 });
  });
  afterAll(async () => {
    await stopWorker?.();
    await api?.stop();
  });

  it('a command is answered "not known yet", is carried out once when a worker comes, and the same key then gives its result', async () => {
    const request = {
      key: api.keys.partner_manager,
      body: invitation('later@partners.example'),
      idempotencyKey: 'later',
    };
    for (let calls = 0; calls < 2; calls += 1) {
      const early = await api.send('POST', '/v1/partners', request);
      expect(early.body).toMatchObject({ status: 503, code: 'not-known-yet' });
      expect(early.body.detail).toContain('Not known yet');
      expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(await countPartners(api, 'later@partners.example')).toBe(0);
    stopWorker = await startApiWorker(api);
    let late = await api.send('POST', '/v1/partners', request);
    for (let calls = 0; late.status === 503 && calls < 20; calls += 1)
      late = await api.send('POST', '/v1/partners', request);
    expect(late).toMatchObject({ status: 201, body: { status: 'surveying' } });
    const again = await api.send('POST', '/v1/partners', request);
    expect(again.body.id).toBe(late.body.id);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await countPartners(api, 'later@partners.example')).toBe(1);
  });
});

describe('while Temporal is away', () => {
  let api: ApiStack;
  let connection: Connection;
  beforeAll(async () => {
    // So few attempts that every call is over when it is answered: a retry that is still due would throw on the closed channel.
    const interceptors = [makeGrpcRetryInterceptor(defaultGrpcRetryOptions({ maxAttempts: 3 }))];
    const address = `127.0.0.1:${await findFreePort()}`;
    connection = Connection.lazy({ address, connectTimeout: 300, interceptors });
    api = await startApi({ commandTimeoutMs: 500, client: new Client({ connection }) });
  });
  afterAll(async () => {
    await api?.stop();
    await connection.close();
  });

  it('commands are answered 503 and events are taken in all the same', async () => {
    const command = await api.send('POST', '/v1/partners', {
      key: api.keys.partner_manager,
      body: invitation('away@partners.example'),
    });
    expect(command.status).toBe(503);
    expect(Number(command.headers.get('retry-after'))).toBeGreaterThan(0);
    const occurredAt = new Date().toISOString();
    const events = await api.send('POST', '/v1/touchpoints', {
      key: api.keys.machine,
      body: { items: [{ identity: { visitorId: 'v1' }, channel: 'paid_search', kind: 'click', occurredAt }] },
    });
    expect(events.body.results).toMatchObject([{ status: 'accepted' }]);
  });

  it('a file that was stored waits under its key, which another file cannot take', async () => {
    const send = (raw: string) => {
      const headers = { 'content-type': 'text/csv' };
      return api.send('POST', '/v1/imports?kind=journeys', {
        key: api.keys.machine,
        raw,
        headers,
        idempotencyKey: 'waits',
      });
    };
    expect((await send('path\na\n')).status).toBe(503);
    expect((await send('path\nb\n')).body).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
    expect((await send('path\na\n')).status).toBe(503);
    const { rows } = await inTransaction(api.pool, api.programId, (tx) => tx.query('select chunks from import'));
    expect(rows).toEqual([{ chunks: 1 }]);
  });

  it('readiness names what is missing', async () => {
    const reply = await api.send('GET', '/health/ready');
    expect(reply.status).toBe(503);
    expect(reply.body).toMatchObject({ database: 'ok', temporal: expect.stringContaining('Temporal') });
  });
});
