import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROUTES } from '../../api/routes/table.ts';
import type { Route } from '../../api/route.ts';
import { ROLES } from '../../domain/task/kinds.ts';
import type { Role } from '../../domain/task/kinds.ts';
import { mintApiKey } from '../../db/queries/api-key.ts';
import { inTransaction } from '../../db/transaction.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { badValueFor, fieldsOf, isRequired } from './bad-value.ts';
import { insertTestPartner } from './partner-row.ts';
import { printProgram } from './program-print.ts';
import { insertSubjects } from './subject-rows.ts';

let api: ApiStack;
let foreignOwner: string;
let otherPartner: string;
let subjects: Record<string, string>;
/** Kinds of things that are the program's and no partner's. */
const SHARED = [
  'contract template',
  'asset',
  'training module',
  'conversion',
  'identity merge',
  'policy',
  'study',
  'evaluation',
  'survey',
  'brief',
  'prospect',
  'person',
  'webhook',
  'site',
  'import',
];
/** Fields that hold whatever a caller has to show. */
const ANY_JSON = ['evidence'];
const keys = new Map<Role, string>();

beforeAll(async () => {
  api = await startApi({ commandTimeoutMs: 300 });
  const partnerId = await insertTestPartner(api.pool, api.programId, 'Mira');
  const otherId = await insertTestPartner(api.pool, api.programId, 'Other');
  subjects = await insertSubjects(api.pool, api.programId, partnerId);
  for (const role of ROLES) keys.set(role, api.keys[role] ?? (await partnerKey(partnerId)));
  otherPartner = await partnerKey(otherId);
  foreignOwner = (await api.anotherProgram()).keys.owner!;
});
afterAll(() => api?.stop());

const partnerKey = (partnerId: string) =>
  inTransaction(
    api.pool,
    api.programId,
    async (tx) => (await mintApiKey(tx, { name: 'P', role: 'partner', partnerId })).apiKey,
  );

const guarded = ROUTES.filter(({ roles }) => roles !== 'public').map((route) => ({
  ...route,
  name: `${route.method.toUpperCase()} ${route.path}`,
}));

/** The path with ids of things that exist; a second parameter is one that does not matter. */
const pathOf = (route: Route) =>
  route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(name === route.subject?.param ? subjects[route.subject.kind]! : 'x'),
  );

/** A body that no contract takes: whoever is let in gets 422 (or 404 of a second parameter), and nothing changes. */
const send = (route: Route, key: string | undefined) =>
  api.send(route.method.toUpperCase(), pathOf(route), {
    key,
    ...(route.body && !route.rawBody ? { body: { 'no such field': 1 } } : {}),
  });

describe.each(guarded)('$name', (route) => {
  it('asks who calls', async () => {
    expect((await send(route, undefined)).body).toMatchObject({ status: 401, code: 'unauthenticated' });
  });

  it('lets in the roles of the table and no other', async () => {
    for (const role of ROLES) {
      // Deletions would change what the next role meets; who may not is tried first.
      const isAllowed = (route.roles as readonly Role[]).includes(role);
      if (isAllowed && route.method === 'delete') continue;
      const { status, body } = await send(route, keys.get(role));
      // Whether a person may decide a task is the task's own rule, asked before the body is looked at.
      const isIn = status !== 403 || body.detail.includes('decided by') || body.detail.includes('decides no task');
      expect({ role, isIn, detail: body?.detail }).toMatchObject({ role, isIn: isAllowed });
      expect([401, 500]).not.toContain(status);
    }
  });

  if (route.body && !route.rawBody) {
    it('refuses unknown fields, a body that is no object and malformed JSON', async () => {
      const key = keys.get((route.roles as readonly Role[])[0]!);
      const request = (raw: string) => api.send(route.method.toUpperCase(), pathOf(route), { key, raw });
      expect(await request('{"no such field":1}')).toMatchObject({ status: 422, body: { code: 'invalid' } });
      expect(await request('[]')).toMatchObject({ status: 422 });
      expect(await request('7')).toMatchObject({ status: 422 });
      expect(await request('{"a":')).toMatchObject({ status: 400, body: { code: 'malformed' } });
    });
  }

  it('refuses unknown fields of its query', async () => {
    const key = keys.get((route.roles as readonly Role[])[0]!);
    const body = route.method === 'get' || route.rawBody ? undefined : {};
    const reply = await api.send(route.method.toUpperCase(), `${pathOf(route)}?odd=1`, { key, body });
    expect(reply).toMatchObject({ status: 422, body: { code: 'invalid' } });
    expect(reply.body.errors.map(({ path }: { path: string }) => path)).toContain('odd');
  });

  if (route.idempotent) {
    it('demands an Idempotency-Key', async () => {
      const key = keys.get((route.roles as readonly Role[])[0]!);
      const reply = await api.send('POST', pathOf(route), { key, body: {}, idempotencyKey: null });
      expect(reply.body).toMatchObject({ status: 400, code: 'missing-header' });
    });
  }

  if (route.subject) {
    it("does not know other programs' things, whatever the role", async () => {
      expect((await send(route, foreignOwner)).body).toMatchObject({ status: 404, code: 'not-found' });
    });

    it('does not know what does not exist, for every role', async () => {
      const path = route.path.replaceAll(/\{\w+\}/g, 'nothing');
      for (const key of keys.values()) {
        expect(
          (await api.send(route.method.toUpperCase(), path, { key, body: route.method === 'get' ? undefined : {} }))
            .status,
        ).toBe(404);
      }
    });

    it("hides one partner's things from another", async () => {
      const mayRead = SHARED.includes(route.subject!.kind) && (route.roles as readonly Role[]).includes('partner');
      const { status } = await send(route, otherPartner);
      expect(status).toBe(mayRead ? 200 : SHARED.includes(route.subject!.kind) ? 403 : 404);
    });
  }
});

describe('a body that is wrong', () => {
  let before: Record<string, string>;
  beforeAll(async () => {
    before = await printProgram(api.pool, api.programId);
  });

  it.each(guarded.filter(({ body, rawBody }) => body && !rawBody))('is refused by field: $name', async (route) => {
    const key = keys.get((route.roles as readonly Role[])[0]!);
    const named = async (body: object): Promise<string[]> => {
      const reply = await api.send(route.method.toUpperCase(), pathOf(route), { key, body });
      expect(reply).toMatchObject({ status: 422, body: { code: 'invalid' } });
      return reply.body.errors.map(({ path }: { path: string }) => path.split('.')[0]);
    };
    const fields = fieldsOf(route.body!);
    const required = fields.filter(isRequired).map(({ name }) => name);
    expect(await named({ 'no such field': 1 })).toEqual(expect.arrayContaining(['no such field', ...required]));
    const judged = fields.filter(({ name }) => !ANY_JSON.includes(name));
    const answers = await Promise.all(judged.map((field) => named({ [field.name]: badValueFor(field) })));
    for (const [index, { name }] of judged.entries()) expect(answers[index]).toContain(name);
  });

  it('has changed nothing, whichever it was', async () => {
    expect(await printProgram(api.pool, api.programId)).toEqual(before);
  });
});

it('has no route outside the table', async () => {
  const document = (await api.send('GET', '/openapi.json')).body;
  const documented = Object.entries<object>(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(documented.sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
});
