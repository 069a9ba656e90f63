import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inTransaction } from '../../db/transaction.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';

let api: ApiStack;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api?.stop());

const LINEAR = '"name":"P","model":{"kind":"linear"}';

describe('a name that every object of JavaScript has', () => {
  it.each([
    ['POST', '/v1/attribution/policies', `{${LINEAR},"lookback":{"byChannel":{"__proto__":"P1D"}}}`],
    ['POST', '/v1/attribution/policies', `{${LINEAR},"lookback":{"byKind":{"__proto__":"P1D"}}}`],
    ['POST', '/v1/attribution/policies', `{"name":"P","model":{"kind":"linear","__proto__":{"a":1}}}`],
    ['POST', '/v1/attribution/policies', `{"name":"P","model":{"kind":"weights","weights":{"a":1,"__proto__":2}}}`],
    ['POST', '/v1/briefs', '{"name":"B","weights":{"type":{"__proto__":1}}}'],
    ['POST', '/v1/briefs', '{"name":"B","weights":{"__proto__":{"a":1}}}'],
    ['PATCH', '/v1/program', '{"settings":{"gates":{"defaults":{"__proto__":{"x":1}}}}}'],
    ['PATCH', '/v1/program', '{"settings":{"__proto__":{}}}'],
  ])('is refused by its field where it would be lost: %s %s %s', async (method, path, raw) => {
    const { status, body } = await api.send(method, path, { key: api.keys.owner, raw });
    expect({ status, errors: body.errors }).toEqual({
      status: 422,
      errors: [{ path: expect.stringMatching(/(^|\.)__proto__$/), message: expect.stringContaining('__proto__') }],
    });
  });

  it('is a channel like others where it can be kept', async () => {
    const weights = { constructor: 2, a: 1 };
    const body = {
      name: 'Kept',
      model: { kind: 'weights', weights },
      lookback: { byChannel: { constructor: 'P2D', valueof: 'P3D' } },
    };
    const made = await api.send('POST', '/v1/attribution/policies', { key: api.keys.owner, body });
    expect(made.status).toBe(201);
    expect(Object.entries(made.body.model.weights)).toEqual(expect.arrayContaining(Object.entries(weights)));
    const diff = await api.send('GET', `/v1/attribution/policies/${made.body.id}/diff`, { key: api.keys.owner });
    expect(JSON.stringify(diff.body)).toContain('P2D');
  });

  it('is kept among the properties of a fact', async () => {
    const properties = '{"__proto__":{"a":1},"constructor":2}';
    const raw = `{"items":[{"id":"t","identity":{"customerId":"c"},"kind":"click","channel":"mail",
      "occurredAt":"2026-01-01T00:00:00Z","properties":${properties}}]}`;
    const { body } = await api.send('POST', '/v1/touchpoints', { key: api.keys.machine, raw });
    expect(body.results).toMatchObject([{ status: 'accepted' }]);
    const { rows } = await inTransaction(api.pool, api.programId, (tx) =>
      tx.query<{ kept: boolean }>(`select properties = $1::jsonb as kept from touchpoint where id = 't'`, [properties]),
    );
    expect(rows).toEqual([{ kept: true }]);
  });

  it('is kept among the properties that a browser reports, and properties that are no object are refused', async () => {
    const origin = 'https://shop.example';
    const made = await api.send('POST', '/v1/sites', {
      key: api.keys.developer,
      body: { name: 'Shop', origins: [origin] },
    });
    const occurredAt = new Date().toISOString();
    const visit = (id: string) => ({
      ...{ id, kind: 'visit', visitorId: 'visitor-1234', channel: 'referral', occurredAt },
      ...{ consent: true, properties: 'P' },
    });
    const touchpoints = [visit('visit-0123456789'), visit('visit-9876543210')];
    const properties = '{"__proto__":{"b":1},"constructor":2}';
    const raw = JSON.stringify({ key: made.body.key, sentAt: occurredAt, touchpoints }).replace('"P"', properties);
    const headers = { 'content-type': 'text/plain;charset=UTF-8', origin };
    const reply = await api.send('POST', '/v1/collect', { idempotencyKey: null, headers, raw });
    expect(reply.body).toMatchObject({
      accepted: 1,
      rejected: [{ path: 'touchpoints.1', detail: 'properties: Give an object.' }],
    });
    const { rows } = await inTransaction(api.pool, api.programId, (tx) =>
      tx.query('select id from touchpoint where properties = $1::jsonb', [properties]),
    );
    expect(rows).toHaveLength(1);
  });
});
