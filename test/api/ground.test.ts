import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mintSignInLink } from '../../db/queries/sign-in-link.ts';
import { inTransaction } from '../../db/transaction.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';

let api: ApiStack;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const person = (email: string) => ({ name: 'Nora New', email, role: 'reviewer' });

describe('problems', () => {
  it('answers an unknown path with a problem that names the request', async () => {
    const reply = await api.send('GET', '/v1/nothing', { headers: { 'x-request-id': 'req-1' } });
    expect(reply.status).toBe(404);
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
    expect(reply.body).toMatchObject({ status: 404, code: 'not-found', requestId: 'req-1' });
  });

  it('asks first who calls, before it reads the body', async () => {
    const reply = await api.send('POST', '/v1/people', { raw: '{', idempotencyKey: null });
    expect(reply.status).toBe(401);
    expect(reply.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('refuses malformed JSON with 400 and an unknown field with 422 that names it', async () => {
    const { owner } = api.keys;
    expect((await api.send('POST', '/v1/people', { key: owner, raw: '{' })).body).toMatchObject({
      status: 400,
      code: 'malformed',
    });
    const reply = await api.send('POST', '/v1/people', { key: owner, body: { ...person('a@x.example'), age: 7 } });
    expect(reply.body).toMatchObject({ status: 422, code: 'invalid', errors: [{ path: 'age' }] });
  });

  it('refuses a body of two megabytes with 413', async () => {
    const body = { ...person('a@x.example'), name: 'x'.repeat(2_000_000) };
    expect((await api.send('POST', '/v1/people', { key: api.keys.owner, body })).status).toBe(413);
  });
});

describe('API keys', () => {
  it('knows the person, role and program behind a key', async () => {
    const { body } = await api.send('GET', '/v1/me', { key: api.keys.finance });
    expect(body).toMatchObject({ kind: 'person', role: 'finance', program: { id: api.programId } });
    expect(body.person.id).toBe(api.people.finance);
  });

  it.each(['tk_x', 'tk_' + 'a'.repeat(100), 'Basic x'])('refuses %s', async (key) => {
    expect((await api.send('GET', '/v1/me', { key })).status).toBe(401);
  });

  it('refuses a key whose secret was changed by one character', async () => {
    const { owner } = api.keys;
    const last = owner!.at(-1) === 'A' ? 'B' : 'A';
    expect((await api.send('GET', '/v1/me', { key: owner!.slice(0, -1) + last })).status).toBe(401);
  });

  it('stores no secret', async () => {
    const made = await api.send('POST', '/v1/api-keys', {
      key: api.keys.owner,
      body: { name: 'Events', role: 'developer' },
    });
    expect(made.status).toBe(201);
    const secret = made.body.apiKey.slice(-43);
    const { rows } = await inTransaction(api.pool, api.programId, (tx) =>
      tx.query(`select to_jsonb(k)::text || (select coalesce(string_agg(body::text, ''), '') from idempotency_key) as all
                from api_key k where id = '${made.body.id}'`),
    );
    expect(rows[0]!.all).not.toContain(secret);
    expect((await api.send('GET', '/v1/me', { key: made.body.apiKey })).body).toMatchObject({
      kind: 'key',
      role: 'developer',
    });
  });

  it('ends a revoked key at once', async () => {
    const { body } = await api.send('POST', '/v1/api-keys', {
      key: api.keys.owner,
      body: { name: 'Short', role: 'developer' },
    });
    expect((await api.send('DELETE', `/v1/api-keys/${body.id}`, { key: api.keys.owner })).status).toBe(200);
    expect((await api.send('GET', '/v1/me', { key: body.apiKey })).status).toBe(401);
  });

  it('gives nobody more than they have', async () => {
    const body = { name: 'More', role: 'finance', personId: api.people.finance };
    expect((await api.send('POST', '/v1/api-keys', { key: api.keys.partner_manager, body })).status).toBe(403);
  });
});

describe('sign-in links', () => {
  it('open a session once, and a change by cookie must come from our own page', async () => {
    const token = await inTransaction(api.pool, api.programId, (tx) =>
      mintSignInLink(tx, { personId: api.people.owner!, expiresAt: new Date(Date.now() + 60_000).toISOString() }),
    );
    const first = await api.send('GET', `/sign-in?token=${token}`);
    expect(first.status).toBe(302);
    const cookie = first.headers.get('set-cookie')!;
    expect(cookie).toContain('HttpOnly; SameSite=Lax');
    expect((await api.send('GET', `/sign-in?token=${token}`)).status).toBe(401);
    const headers = { cookie: cookie.split(';')[0]! };
    expect((await api.send('GET', '/v1/me', { headers })).body.person.id).toBe(api.people.owner);
    const body = { name: 'Renamed' };
    expect((await api.send('PATCH', '/v1/program', { headers, body })).status).toBe(403);
    const foreign = { ...headers, origin: 'https://evil.example' };
    expect((await api.send('PATCH', '/v1/program', { headers: foreign, body })).status).toBe(403);
    const own = { ...headers, origin: api.baseUrl };
    expect((await api.send('PATCH', '/v1/program', { headers: own, body })).body.name).toBe('Renamed');
    expect((await api.send('POST', '/v1/sign-out', { headers: own, body: {} })).status).toBe(200);
    expect((await api.send('GET', '/v1/me', { headers })).status).toBe(401);
  });

  it('lead to paths of this site only', async () => {
    const token = await inTransaction(api.pool, api.programId, (tx) =>
      mintSignInLink(tx, { personId: api.people.owner!, expiresAt: new Date(Date.now() + 60_000).toISOString() }),
    );
    const reply = await api.send('GET', `/sign-in?token=${token}&to=//evil.example`);
    expect(reply.headers.get('location')).toBe('/docs');
  });
});

describe('Idempotency-Key', () => {
  it('is required', async () => {
    const reply = await api.send('POST', '/v1/people', {
      key: api.keys.owner,
      body: person('b@x.example'),
      idempotencyKey: null,
    });
    expect(reply.body).toMatchObject({ status: 400, code: 'missing-header' });
  });

  it('returns the first answer to a repeated request, and refuses another body', async () => {
    const request = { key: api.keys.owner, body: person('c@x.example'), idempotencyKey: 'once' };
    const first = await api.send('POST', '/v1/people', request);
    const second = await api.send('POST', '/v1/people', request);
    expect(first.status).toBe(201);
    expect(second.status).toBe(201);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    const other = await api.send('POST', '/v1/people', { ...request, body: person('d@x.example') });
    expect(other.body).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
  });

  it('makes one thing of ten requests at once', async () => {
    const request = { key: api.keys.owner, body: person('ten@x.example'), idempotencyKey: 'ten' };
    const replies = await Promise.all(Array.from({ length: 10 }, () => api.send('POST', '/v1/people', request)));
    const made = replies.filter(({ status }) => status === 201);
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(1);
    for (const reply of replies.filter(({ status }) => status !== 201)) {
      expect(reply.body).toMatchObject({ status: 409, code: 'idempotency-running' });
      expect(reply.headers.get('retry-after')).toBe('1');
    }
  });

  it('is free again after a refusal', async () => {
    const request = { key: api.keys.owner, idempotencyKey: 'refused' };
    expect((await api.send('POST', '/v1/people', { ...request, body: {} })).status).toBe(422);
    expect((await api.send('POST', '/v1/people', { ...request, body: person('e@x.example') })).status).toBe(201);
  });
});

describe('health and docs', () => {
  it('names what is missing', async () => {
    const reply = await api.send('GET', '/health/ready');
    expect(reply.status).toBe(503);
    expect(reply.body).toMatchObject({ database: 'ok', temporal: 'ok', worker: expect.stringContaining('No worker') });
    expect((await api.send('GET', '/health/live')).status).toBe(200);
  });

  it('serves the docs and their script from our own files', async () => {
    const page = await api.send('GET', '/docs');
    const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url!);
    for (const source of sources) {
      expect(source).toMatch(/^\/(docs|openapi)/);
      expect((await api.send('GET', source)).status).toBe(200);
    }
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  });

  it('gives metrics by route', async () => {
    expect((await api.send('GET', '/metrics')).text).toMatch(/request_seconds_count\{.*route="health.live"/);
  });
});
