import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { Webhook } from 'standardwebhooks';
import { deliverWebhooks } from '../../activities/chores/deliver-webhooks.ts';
import { newId } from '../../db/ids.ts';
import { createPool } from '../../db/pool.ts';
import type { Pool } from '../../db/pool.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { insertWebhookEndpoint } from '../../db/queries/webhook-endpoint.ts';
import { inTransaction } from '../../db/transaction.ts';
import { aProgram } from '../support/ground.ts';
import { startTestPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

interface Call {
  headers: IncomingHttpHeaders;
  body: string;
}

let postgres: TestPostgres;
let pool: Pool;
let behind: pg.Pool;
let server: Server;
let url: string;
let status = 200;
const calls: Call[] = [];

beforeAll(async () => {
  postgres = await startTestPostgres();
  pool = createPool({ url: postgres.url });
  behind = new pg.Pool({ connectionString: postgres.superuserUrl, max: 1 });
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      calls.push({ headers: request.headers, body });
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('thanks');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await Promise.all([pool.end(), behind.end()]);
  await postgres.stop();
});

/** A program with an endpoint that asked for one kind, and an event of that kind. */
async function anEvent(endpointUrl = url): Promise<{ programId: string; eventId: string }> {
  const { programId } = await aProgram(pool);
  return inTransaction(pool, programId, async (tx) => {
    const endpoint = { id: newId('webhook'), url: endpointUrl, events: ['payout.paid'], secret: SECRET };
    await insertWebhookEndpoint(tx, { ...endpoint, createdBy: 'system' });
    const event = {
      actor: { kind: 'system' } as const,
      subject: { type: 'payout', id: 'pay_1' },
      at: '2026-11-03T10:00:00Z',
    };
    await recordEvent(tx, { ...event, kind: 'payout.sent' });
    const eventId = await recordEvent(tx, { ...event, kind: 'payout.paid', data: { amountMinor: 1234 } });
    return { programId, eventId };
  });
}

async function deliveryOf(eventId: string) {
  const { rows } = await behind.query<{
    id: string;
    state: string;
    attempts: number;
    last_error: string | null;
    pause: number;
  }>(
    `select id, state, attempts, last_error, extract(epoch from next_attempt_at - clock_timestamp())::float8 as pause
     from webhook_delivery where event_id = $1`,
    [eventId],
  );
  return rows[0]!;
}

describe('webhooks', () => {
  it('carry the event signed by Standard Webhooks, once, and only to whom asked for its kind', async () => {
    const { eventId } = await anEvent();
    calls.length = 0;

    await deliverWebhooks(pool, { allowPrivate: true });
    await deliverWebhooks(pool, { allowPrivate: true });

    const delivery = await deliveryOf(eventId);
    expect(delivery.state).toBe('delivered');
    expect(calls).toHaveLength(1);
    expect(calls[0]!.headers['webhook-id']).toBe(delivery.id);
    const headers = calls[0]!.headers as Record<string, string>;
    expect(new Webhook(SECRET).verify(calls[0]!.body, headers)).toEqual({
      id: eventId,
      type: 'payout.paid',
      timestamp: '2026-11-03T10:00:00.000Z',
      data: { amountMinor: 1234, partnerId: null, subject: { type: 'payout', id: 'pay_1' } },
    });
    expect(() => new Webhook(SECRET).verify(`${calls[0]!.body} `, headers)).toThrow();
  });

  it('come again under the same id after pauses that grow, until the tenth attempt fails', async () => {
    status = 500;
    const { eventId } = await anEvent();
    calls.length = 0;
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      await behind.query('update webhook_delivery set next_attempt_at = clock_timestamp() where event_id = $1', [
        eventId,
      ]);
      await deliverWebhooks(pool, { allowPrivate: true });
      pauses.push(Math.round((await deliveryOf(eventId)).pause));
    }
    status = 200;

    expect(await deliveryOf(eventId)).toMatchObject({ state: 'failed', attempts: 10, last_error: 'status 500' });
    expect(new Set(calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(pauses.slice(0, 4)).toEqual([5, 300, 1_800, 7_200]);
  });

  it('follow no redirect', async () => {
    status = 302;
    const { eventId } = await anEvent();
    await deliverWebhooks(pool, { allowPrivate: true });
    status = 200;
    expect(await deliveryOf(eventId)).toMatchObject({ state: 'queued', last_error: 'status 302' });
  });

  it('stop for an endpoint that says it is gone', async () => {
    status = 410;
    const { eventId, programId } = await anEvent();
    await deliverWebhooks(pool, { allowPrivate: true });
    status = 200;
    expect(await deliveryOf(eventId)).toMatchObject({ state: 'failed', last_error: 'gone' });
    const { rows } = await behind.query(
      'select 1 from webhook_endpoint where program_id = $1 and disabled_at is not null',
      [programId],
    );
    expect(rows).toHaveLength(1);
  });

  it.each([
    ['plain http', () => url, 'not https'],
    ['an address of this machine', () => url.replace('http:', 'https:'), 'private address'],
    ['a name that resolves to it', () => url.replace('http://127.0.0.1', 'https://localhost'), 'private address'],
    ['the metadata address of clouds', () => 'https://169.254.169.254/latest', 'private address'],
    ['a private network', () => 'https://10.0.0.1/', 'private address'],
    ['IPv6 loopback', () => 'https://[::1]/', 'private address'],
  ])('never go to %s', async (_what, target, reason) => {
    calls.length = 0;
    const { eventId } = await anEvent(target());
    await deliverWebhooks(pool, { timeoutMs: 2_000 });
    expect(await deliveryOf(eventId)).toMatchObject({ state: 'queued', last_error: reason });
    expect(calls).toEqual([]);
  });
});
