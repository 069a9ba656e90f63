import type { ChildProcess } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { firstMessage, killHard, spawnScript } from '../support/script.ts';
import { eventually } from '../support/eventually.ts';

const SECRET = 'a-secret-of-the-provider';
const WEBHOOK_SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const EUR = { minor: 12_345, currency: 'EUR' };

interface Told {
  id: string;
  body: { type: string; data: { key: string; state: string } };
}

describe('the sandbox payout provider', () => {
  let dir: string;
  let child: ChildProcess;
  let base: string;
  let hook: Server;
  let told: Told[];

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tandem-provider-'));
    told = [];
    hook = createServer((request, response) => {
      void readWebhook(request).then((message) => {
        told.push(message);
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
    await start();
  });
  afterEach(async () => {
    await killHard(child);
    hook.closeAllConnections();
    hook.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function start(settleMs = 20): Promise<void> {
    const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
    child = spawnScript(
      'stack/provider/main.ts',
      ['--dir', dir, '--webhook-url', url, '--settle-ms', String(settleMs)],
      { PAYOUT_PROVIDER_SECRET: SECRET, PAYOUT_WEBHOOK_SECRET: WEBHOOK_SECRET },
    );
    base = `http://127.0.0.1:${(await firstMessage<{ port: number }>(child)).port}`;
  }

  async function readWebhook(request: IncomingMessage): Promise<Told> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const verified = new Webhook(WEBHOOK_SECRET).verify(body, request.headers as Record<string, string>);
    return { id: String(request.headers['webhook-id']), body: verified as Told['body'] };
  }

  function post(path: string, body: object, secret = SECRET, signal?: AbortSignal): Promise<Response> {
    return fetch(base + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
  }

  const pay = (key: string, more: object = {}) => post('/payments', { key, amount: EUR, account: 'DE89', ...more });

  async function payments(key: string): Promise<{ key: string; amount: object; account: string; state: string }[]> {
    const response = await fetch(`${base}/payments?key=${key}`);
    return ((await response.json()) as { items: { key: string; amount: object; account: string; state: string }[] })
      .items;
  }

  const untilState = (key: string, state: string) =>
    eventually(async () => expect((await payments(key)).map((payment) => payment.state)).toEqual([state]));

  it('pays once per key, however often and however much at once it is asked', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => pay('po_1')));
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([...Array<number>(9).fill(200), 201]);
    await untilState('po_1', 'paid');
    expect(await payments('po_1')).toMatchObject([{ key: 'po_1', amount: EUR, account: 'DE89', state: 'paid' }]);
  });

  it('refuses the same key for another amount and books nothing for it', async () => {
    await pay('po_1');
    const answer = await pay('po_1', { amount: { minor: 1, currency: 'EUR' } });
    expect([answer.status, await answer.json()]).toEqual([409, expect.objectContaining({ code: 'key-reused' })]);
    expect(await payments('po_1')).toMatchObject([{ amount: EUR }]);
  });

  it('refuses an account that begins with fail, definitely and again', async () => {
    const first = await pay('po_1', { account: 'fail-1' });
    const second = await pay('po_1', { account: 'fail-1' });
    expect([first.status, second.status]).toEqual([422, 422]);
    expect(await payments('po_1')).toMatchObject([{ state: 'refused' }]);
  });

  it('wants its secret for everything but reading payments on this machine', async () => {
    const wrong = await post('/payments', { key: 'po_1', amount: EUR, account: 'x' }, 'wrong');
    const faults = await fetch(`${base}/faults`);
    expect([wrong.status, faults.status, (await payments('po_1')).length]).toEqual([401, 401, 0]);
  });

  it('names the field of a bad request', async () => {
    const answer = await pay('po_1', { amount: { minor: 1.5, currency: 'eur' } });
    const { errors } = (await answer.json()) as { errors: { path: string }[] };
    expect([answer.status, errors.map((error) => error.path)]).toEqual([422, ['amount.minor', 'amount.currency']]);
  });

  it('keeps its book and goes on settling after kill -9', async () => {
    await killHard(child);
    await start(60_000);
    await pay('po_1', { metadata: { programId: 'prg_1' } });
    await killHard(child);
    // What a crash in the middle of a write leaves behind.
    appendFileSync(join(dir, 'book.jsonl'), '{"type":"payment","payment":{"key":"po_half');
    await start();
    await untilState('po_1', 'paid');
    await eventually(() => expect(told.map((message) => message.body.type)).toEqual(['payment.paid']));
    expect(told[0]?.body.data).toMatchObject({ key: 'po_1', metadata: { programId: 'prg_1' } });
    expect(await payments('po_half')).toEqual([]);
  });

  it('books the payment although its answer never comes', async () => {
    await post('/faults', { kind: 'timeout-after-success' });
    const controller = new AbortController();
    const lost = post('/payments', { key: 'po_1', amount: EUR, account: 'DE89' }, SECRET, controller.signal);
    await untilState('po_1', 'paid');
    controller.abort();
    await expect(lost).rejects.toThrow();
  });

  it('books the payment although it answers with an error', async () => {
    await post('/faults', { kind: 'error-after-success', key: 'po_1' });
    expect((await pay('po_1')).status).toBe(500);
    await untilState('po_1', 'paid');
    expect((await pay('po_1')).status).toBe(200);
  });

  it('says when to come back, and books nothing, while it limits the rate', async () => {
    await post('/faults', { kind: 'rate-limit', retryAfterS: 7 });
    const answer = await pay('po_1');
    expect([answer.status, answer.headers.get('retry-after'), await payments('po_1')]).toEqual([429, '7', []]);
    expect((await pay('po_1')).status).toBe(201);
  });

  it('moves another amount than asked when told to', async () => {
    await post('/faults', { kind: 'wrong-amount', differenceMinor: -45 });
    await pay('po_1');
    expect(await payments('po_1')).toMatchObject([{ amount: { minor: 12_300, currency: 'EUR' } }]);
    expect((await pay('po_1')).status).toBe(200);
  });

  it('sends the same webhook twice when told to, under one id', async () => {
    await post('/faults', { kind: 'duplicate-webhook' });
    await pay('po_1');
    await eventually(() => expect(told).toHaveLength(2));
    expect(told[0]?.id).toBe(told[1]?.id);
  });

  it('sends a webhook late when told to, after the payment shows as paid', async () => {
    await post('/faults', { kind: 'late-webhook', delayMs: 400 });
    await pay('po_1');
    await untilState('po_1', 'paid');
    expect(told).toEqual([]);
    await eventually(() => expect(told).toHaveLength(1));
  });

  it('returns a payment after it was paid when told to, and tells of both', async () => {
    await post('/faults', { kind: 'returned-after-paid', delayMs: 50 });
    await pay('po_1');
    await untilState('po_1', 'returned');
    await eventually(() =>
      expect(told.map((message) => message.body.type)).toEqual(['payment.paid', 'payment.returned']),
    );
  });
});
