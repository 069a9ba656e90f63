import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { newId } from '../../db/ids.ts';
import { mintApiKey } from '../../db/queries/api-key.ts';
import { inTransaction } from '../../db/transaction.ts';
import { World } from '../activities/attribution/world.ts';
import { aPartner } from '../support/ground.ts';
import { eventually } from '../support/eventually.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { startApiWorker } from './api-worker.ts';
import { aStatedCommission } from './stated.ts';
import { daysAgo } from '../support/days-ago.ts';

const WEBHOOK_SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const DAY_MS = 86_400_000;

let api: ApiStack;
let stopWorker: () => Promise<void>;
let world: World;
let partnerId: string;
let otherId: string;
let partnerKey: string;
let conversionId: string;

beforeAll(async () => {
  api = await startApi({ payoutWebhookSecret: WEBHOOK_SECRET });
  stopWorker = await startApiWorker(api);
  world = new World(api.pool, api.programId);
  ({ partnerId } = await aPartner(api.pool, api.programId, { contractFrom: daysAgo(5) }));
  ({ partnerId: otherId } = await aPartner(api.pool, api.programId, { contractFrom: daysAgo(5) }));
  partnerKey = await inTransaction(
    api.pool,
    api.programId,
    async (tx) => (await mintApiKey(tx, { name: 'Partner', role: 'partner', partnerId: otherId })).apiKey,
  );
  await world.touch({ id: 't1', partnerId, channel: 'video', occurredAt: daysAgo(3) });
  conversionId = await world.sale('order-1', 10_000, daysAgo(2));
  await world.drain();
}, 120_000);
afterAll(async () => {
  await stopWorker();
  await api.stop();
});

const get = (path: string, key = api.keys.finance) => api.send('GET', path, { key });

describe('commissions', () => {
  it('say their amount, rule, versions, state and when they are expected to be paid', async () => {
    const { status, body } = await get(`/v1/commissions?partnerId=${partnerId}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      nextCursor: null,
      items: [{ partnerId, conversionId, kind: 'earned', amount: { minor: 1_000, currency: 'EUR' }, state: 'pending' }],
    });
    const [commission] = body.items;
    expect(commission).toMatchObject({
      contractVersion: 1,
      policyId: expect.stringMatching(/^pol_/),
      rule: { kind: 'percentage' },
    });
    expect(Date.parse(commission.expectedPayAt)).toBeGreaterThan(Date.now());
    expect((await get(`/v1/commissions/${commission.id}`)).body).toEqual(commission);
  });

  it('are found by conversion, window, state and kind, and not by another', async () => {
    const count = async (query: string) => (await get(`/v1/commissions?${query}`)).body.items.length;
    expect(await count(`conversionId=${conversionId}&state=pending&kind=earned`)).toBe(1);
    expect(await count(`conversionId=${conversionId}&state=paid`)).toBe(0);
    expect(await count('windowId=win_nothing')).toBe(0);
    expect((await get('/v1/commissions?state=odd')).status).toBe(422);
  });

  it('of another partner are not there for a partner', async () => {
    const { body } = await get('/v1/commissions');
    expect((await get(`/v1/commissions/${body.items[0].id}`, partnerKey)).status).toBe(404);
    expect((await get(`/v1/commissions?partnerId=${partnerId}`, partnerKey)).body.items).toEqual([]);
  });
});

describe('windows and ledger', () => {
  it('show the open window and the entry of the commission, balanced', async () => {
    const { body: windows } = await get(`/v1/windows?partnerId=${partnerId}`);
    expect(windows.items[0]).toMatchObject({
      partnerId,
      no: 1,
      state: 'open',
      from: expect.any(String),
      locksAt: expect.any(String),
    });
    const { body } = await get(`/v1/ledger/entries?subject=${conversionId}`);
    expect(body.items[0].postings).toEqual([
      { account: 'commission-expense', side: 'debit', amount: { minor: 1_000, currency: 'EUR' } },
      { account: `pending:${partnerId}`, side: 'credit', amount: { minor: 1_000, currency: 'EUR' } },
    ]);
    const { body: accounts } = await get(`/v1/ledger/accounts?partnerId=${partnerId}`);
    expect(accounts.items).toMatchObject([{ account: `pending:${partnerId}`, balance: { minor: 1_000 } }]);
    expect((await get('/v1/ledger/entries?account=odd')).body).toMatchObject({
      status: 422,
      errors: [{ path: 'account' }],
    });
  });

  it('show a partner only their own', async () => {
    expect((await get('/v1/ledger/entries', partnerKey)).body.items).toEqual([]);
    const { body } = await get(`/v1/windows?partnerId=${partnerId}`, partnerKey);
    expect(new Set(body.items.map((window: { partnerId: string }) => window.partnerId))).toEqual(new Set([otherId]));
    expect((await get('/v1/ledger/accounts', api.keys.reviewer)).status).toBe(403);
  });
});

describe('adjustments', () => {
  const ask = (body: object, key = api.keys.finance) => api.send('POST', '/v1/adjustments', { key, body });
  const value = { minor: 2_500, currency: 'EUR' };

  it('wait for another person, who approves them into the books', async () => {
    const asked = await ask({ partnerId, value, reason: 'A bonus by hand' });
    expect(asked.body).toMatchObject({ id: expect.stringMatching(/^adj_/), state: 'submitted', value });
    const { taskId } = asked.body;
    const approve = (key: string | undefined) =>
      api.send('POST', `/v1/tasks/${taskId}/complete`, { key, body: { outcome: 'approve' } });
    expect((await approve(api.keys.finance)).body).toMatchObject({ status: 403, code: 'own-request' });
    expect((await approve(api.keys.finance2)).status).toBe(200);
    await eventually(async () => {
      expect((await get(`/v1/adjustments/${asked.body.id}`)).body).toMatchObject({
        state: 'approved',
        commissionId: expect.stringMatching(/^com_/),
      });
    });
    expect((await get(`/v1/commissions?partnerId=${partnerId}&kind=manual`)).body.items).toMatchObject([
      { amount: value, reason: 'A bonus by hand', conversionId: null },
    ]);
  });

  it.each([
    [{ value: { minor: 0, currency: 'EUR' } }, 'value.minor'],
    [{ value: { minor: 1.5, currency: 'EUR' } }, 'value.minor'],
    [{ value: { minor: 1, currency: 'USD' } }, 'value.currency'],
    [{ partnerId: 'prt_nobody' }, 'partnerId'],
    [{ reason: ' ' }, 'reason'],
    [{ more: 1 }, 'more'],
  ])('refuse %j and name the field', async (change, path) => {
    const { body } = await ask({ partnerId, value, reason: 'Why not', ...change });
    expect(body).toMatchObject({ status: 422, errors: [{ path }] });
  });

  it('are for the team only', async () => {
    expect((await ask({ partnerId, value, reason: 'Mine' }, partnerKey)).status).toBe(403);
    expect((await ask({ partnerId, value, reason: 'Mine' }, api.keys.auditor)).status).toBe(403);
  });
});

describe('holds', () => {
  it('hold a commission until another person lifts it', async () => {
    const [commission] = (await get(`/v1/commissions?conversionId=${conversionId}`)).body.items;
    const body = { commissionIds: [commission.id], reason: 'Looks like a self-referral' };
    const { body: placed, status } = await api.send('POST', '/v1/holds', { key: api.keys.finance, body });
    expect(status).toBe(201);
    const [hold] = placed.items;
    expect(hold).toMatchObject({ partnerId, commissionId: commission.id, state: 'standing' });
    expect((await get(`/v1/commissions/${commission.id}`)).body).toMatchObject({
      state: 'held',
      heldBecause: 'hold-stands',
      reason: body.reason,
    });
    const lift = (key: string | undefined) => api.send('POST', `/v1/holds/${hold.id}/lift`, { key, body: {} });
    expect((await lift(api.keys.finance)).status).toBe(403);
    expect((await lift(api.keys.finance2)).status).toBe(200);
    await eventually(async () => {
      expect((await get(`/v1/commissions/${commission.id}`)).body.state).toBe('pending');
    });
    expect((await get(`/v1/holds?partnerId=${partnerId}&state=ended`)).body.items).toMatchObject([
      { id: hold.id, state: 'lifted' },
    ]);
  });

  it('name either commissions or a partner, only such as exist, and no end that has passed', async () => {
    const hold = (body: object) => api.send('POST', '/v1/holds', { key: api.keys.finance, body });
    expect((await hold({ reason: 'Why' })).status).toBe(422);
    expect((await hold({ reason: 'Why', commissionIds: ['com_x'] })).body.errors).toMatchObject([
      { path: 'commissionIds.0' },
    ]);
    expect((await hold({ reason: 'Why', partnerId: 'prt_x' })).body.errors).toMatchObject([{ path: 'partnerId' }]);
    const over = { reason: 'Why', commissionIds: ['com_x'], until: '2026-01-01T00:00:00Z' };
    expect((await hold(over)).body.errors).toMatchObject([{ path: 'until' }]);
    expect((await api.send('POST', '/v1/holds/hld_x/lift', { key: api.keys.finance, body: {} })).status).toBe(404);
  });
});

describe('rates of exchange', () => {
  const put = (items: unknown[], key = api.keys.finance) => api.send('PUT', '/v1/fx-rates', { key, body: { items } });
  const rate = { base: 'USD', quote: 'EUR', day: '2026-01-05', rate: '0.9', source: 'ECB' };

  it('are stored, listed page by page, and immutable once they were used', async () => {
    expect((await put([rate, { ...rate, day: '2026-01-06', rate: 0.91 }])).status).toBe(200);
    const first = (await get('/v1/fx-rates?limit=1')).body;
    expect(first.items).toMatchObject([{ day: '2026-01-06', rate: '0.91' }]);
    const second = (await get(`/v1/fx-rates?limit=1&cursor=${first.nextCursor}`)).body;
    expect(second).toMatchObject({ items: [{ day: '2026-01-05', rate: '0.9', usedAt: null }], nextCursor: null });
    await world.rows(`update fx_rate set used_at = now() where day = '2026-01-05'`);
    expect((await put([{ ...rate, rate: '0.8' }])).body).toMatchObject({ status: 409, code: 'immutable' });
    expect((await put([rate])).status).toBe(200);
  });

  it.each([
    [{ rate: '0' }, 'items.0.rate'],
    [{ rate: '1e3' }, 'items.0.rate'],
    [{ quote: 'USD' }, 'items.0.quote'],
    [{ base: 'XXQ' }, 'items.0.base'],
    [{ day: '2026-02-30' }, 'items.0.day'],
  ])('refuse %j', async (change, path) => {
    expect((await put([{ ...rate, ...change }])).body).toMatchObject({ status: 422, errors: [{ path }] });
  });

  it('come from finance or the owner', async () => {
    expect((await put([rate], api.keys.partner_manager)).status).toBe(403);
  });
});

describe('the payout provider', () => {
  let payoutId: string;
  beforeAll(async () => {
    const approvedBy = api.people.finance!;
    ({ payoutId } = await aStatedCommission(api.pool, api.programId, { partnerId, approvedBy }));
  });

  const hook = (headers: Record<string, string>, raw: string) =>
    api.send('POST', '/v1/payout-providers/sandbox/webhook', { raw, headers, idempotencyKey: null });

  function signed(raw: string, at = new Date()) {
    return {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Webhook(WEBHOOK_SECRET).sign('msg_1', at, raw),
    };
  }

  const paid = (key: string, programId = api.programId) =>
    JSON.stringify({ type: 'payment.paid', data: { key, metadata: { programId, payoutId: key } } });

  it('is heard with a signature that fits, and changes nothing about a payout that is not ours', async () => {
    const other = await api.anotherProgram();
    const unknown = [paid(newId('payout')), paid('pay_x'), '{"type":"odd"}', paid(payoutId, other.programId)];
    for (const raw of unknown) {
      expect((await hook(signed(raw), raw)).body).toEqual({ received: true, known: false });
    }
  });

  it('is refused with a number beyond doubles or levels that no reader follows', async () => {
    for (const odd of ['{"data":1e400}', `{"data":${'['.repeat(1_000)}${']'.repeat(1_000)}}`]) {
      expect((await hook(signed(odd), odd)).body).toMatchObject({ status: 422, code: 'invalid' });
    }
  });

  it('wakes a payout, though its run is over: perhaps the money came back', async () => {
    const raw = paid(payoutId);
    expect((await hook(signed(raw), raw)).body).toEqual({ received: true, known: true });
    const { events } = await api.temporal.client.workflow.getHandle(`payout/${payoutId}`).fetchHistory();
    const signals = events?.flatMap((event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? []);
    expect(signals).toEqual(['providerReported']);
  });

  it('is refused with another body, another signature, none, or an old one', async () => {
    const raw = paid(payoutId);
    expect((await hook(signed(raw), `${raw} `)).status).toBe(401);
    expect((await hook({}, raw)).status).toBe(401);
    expect((await hook(signed(raw, new Date(Date.now() - DAY_MS)), raw)).status).toBe(401);
  });
});
