import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as sendRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Request } from 'express';
import { limitBodyTime, liftBodyTime } from '../../api/body-time.ts';
import { createHttpServer } from '../../api/http-server.ts';
import { longBody } from '../../api/long-body.ts';
import type { LongBodyOptions } from '../../api/long-body.ts';
import { inTransaction } from '../../db/transaction.ts';
import { eventually } from '../support/eventually.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';

const LEASE_MS = 1_500;

let api: ApiStack;
beforeAll(async () => {
  api = await startApi({ keyLeaseMs: LEASE_MS });
}, 60_000);
afterAll(() => api?.stop());

const headersWith = (idempotencyKey: string) => ({
  authorization: `Bearer ${api.keys.machine}`,
  'content-type': 'text/csv',
  'idempotency-key': idempotencyKey,
});
const again = (idempotencyKey: string) =>
  api.send('POST', '/v1/imports?kind=journeys', {
    raw: 'path\na\n',
    idempotencyKey,
    headers: headersWith(idempotencyKey),
  });

/** An upload of which the test sends one row after the other. */
function openUpload(idempotencyKey: string): {
  sent: ClientRequest;
  answer: Promise<{ status: number; body: string }>;
} {
  const sent = sendRequest(`${api.baseUrl}/v1/imports?kind=journeys`, {
    method: 'POST',
    headers: headersWith(idempotencyKey),
  });
  const answer = once(sent, 'response').then(async ([response]) => {
    let body = '';
    for await (const part of response as IncomingMessage) body += String(part);
    return { status: (response as IncomingMessage).statusCode!, body };
  });
  answer.catch(() => undefined);
  sent.write('path\n');
  return { sent, answer };
}

/** How long a key is held from now on, in milliseconds by the database's clock, and since when. */
async function leaseOf(key: string): Promise<{ until: string; leftMs: number }> {
  const { rows } = await inTransaction(api.pool, api.programId, (tx) =>
    tx.query<{ until: string; leftMs: string }>(
      `select leased_until as until, extract(epoch from leased_until - clock_timestamp()) * 1000 as "leftMs"
       from idempotency_key where program_id = $1 and key = $2`,
      [api.programId, key],
    ),
  );
  if (!rows[0]) throw new Error('The key is not claimed yet.');
  return { until: rows[0].until, leftMs: Number(rows[0].leftMs) };
}

describe('the key of a long upload', () => {
  it('is held while bytes come, and is free soon after none come any more', async () => {
    const key = randomUUID();
    const { sent, answer } = openUpload(key);
    const first = await eventually(() => leaseOf(key));
    const seen = new Set<string>();
    // Longer than the first lease, several times over.
    await eventually(async () => {
      sent.write('a\n');
      const { until, leftMs } = await leaseOf(key);
      expect(leftMs).toBeGreaterThan(0);
      seen.add(until);
      expect(Date.parse(until) - Date.parse(first.until)).toBeGreaterThan(2 * LEASE_MS);
    }, 30_000);
    expect(seen.size).toBeGreaterThan(3);
    expect((await again(key)).body).toMatchObject({ status: 409, code: 'idempotency-running' });

    // Nothing comes any more: the same request takes over, and the first hears so when it goes on.
    const taken = await eventually(async () => {
      const reply = await again(key);
      expect(reply.status).toBe(202);
      return reply;
    }, 30_000);
    sent.end('b\n');
    expect(await answer).toMatchObject({ status: 409, body: expect.stringContaining('"conflict"') });
    // The refused one has left the key to the other.
    expect((await again(key)).body).toEqual(taken.body);
  }, 60_000);
});

/** A server whose handler is the test's own. */
async function serving(handle: (request: IncomingMessage) => Promise<void> | void) {
  const outcomes: Promise<void>[] = [];
  const server = createServer((request, response) => {
    const outcome = Promise.resolve(handle(request));
    outcomes.push(outcome);
    outcome.then(
      () => response.end(),
      () => undefined,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sent = sendRequest({ port: (server.address() as AddressInfo).port, method: 'POST' });
  const closed = new Promise<void>((resolve) => sent.once('close', () => resolve()));
  sent.on('error', () => undefined);
  sent.write('a');
  return {
    sent,
    closed,
    outcome: async () => {
      await eventually(() => expect(outcomes).toHaveLength(1));
      return outcomes[0];
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const readAll = (options: LongBodyOptions) => async (request: IncomingMessage) => {
  for await (const _ of longBody(request as Request, options)) continue;
};

describe('a body', () => {
  it('of any length may take a day, as the server has it', async () => {
    expect(createHttpServer().requestTimeout).toBe(86_400_000);
  });

  it('of any length of which nothing comes any more is given up', async () => {
    const { outcome, closed, stop } = await serving(readAll({ quietMs: 50 }));
    await expect(outcome()).rejects.toMatchObject({ code: 'unavailable' });
    await closed;
    await stop();
  });

  it('waits for whoever stores it, however long that takes', async () => {
    let parts = 0;
    const { outcome, sent, stop } = await serving(async (request) => {
      for await (const _ of longBody(request as Request, { quietMs: 20 })) {
        parts += 1;
        const since = performance.now();
        await eventually(() => expect(performance.now() - since).toBeGreaterThan(100));
        if (parts === 1) sent.end('b');
      }
    });
    await outcome();
    expect(parts).toBe(2);
    await stop();
  });

  it('is not read further when somebody else took over', async () => {
    const onGoing = () => Promise.reject(new Error('Taken.'));
    const { outcome, stop } = await serving(readAll({ onGoing }));
    await expect(outcome()).rejects.toThrow('Taken.');
    await stop();
  });

  it('that is not long has its time, unless it is lifted', async () => {
    const slow = await serving(async (request) => {
      limitBodyTime(request, 50);
      await once(request, 'close');
    });
    await slow.closed;
    await slow.stop();
    const lifted = await serving(async (request) => {
      limitBodyTime(request, 50);
      liftBodyTime(request);
      const since = performance.now();
      await eventually(() => expect(performance.now() - since).toBeGreaterThan(150));
      expect(request.destroyed).toBe(false);
    });
    await lifted.outcome();
    await lifted.stop();
  });
});
