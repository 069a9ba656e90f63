import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inTransaction } from '../../db/transaction.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { insertTestPartner } from './partner-row.ts';
import { printProgram } from './program-print.ts';

let api: ApiStack;
let partnerId: string;
beforeAll(async () => {
  api = await startApi({ commandTimeoutMs: 300 });
  partnerId = await insertTestPartner(api.pool, api.programId, 'Mira');
});
afterAll(() => api?.stop());

const partner = { name: 'Mira', email: 'mira@x.example', type: 'creator', country: 'DE' };

/** What is wrong, how it is sent, and the field that the answer must name. */
const FAULTS: [what: string, method: string, path: string, body: object, field: string][] = [
  ['a name of blanks', 'POST', '/v1/partners', { ...partner, name: '   ' }, 'name'],
  ['a name with NUL', 'POST', '/v1/partners', { ...partner, name: 'a\0b' }, 'name'],
  ['a name with half a surrogate pair', 'POST', '/v1/partners', { ...partner, name: 'a\ud800' }, 'name'],
  ['two addresses in one', 'POST', '/v1/partners', { ...partner, email: 'a@x.example,b@x.example' }, 'email'],
  [
    'a line break in an address',
    'POST',
    '/v1/partners',
    { ...partner, email: 'a@x.example\r\nBcc: b@x.example' },
    'email',
  ],
  ['a country that does not exist', 'POST', '/v1/partners', { ...partner, country: 'QQ' }, 'country'],
  ['a zone that does not exist', 'POST', '/v1/partners', { ...partner, timeZone: 'Mars/Base' }, 'timeZone'],
  ['a language that is none', 'POST', '/v1/partners', { ...partner, language: 'no language' }, 'language'],
  ['a currency that does not exist', 'POST', '/v1/partners', { ...partner, currency: 'XYZ' }, 'currency'],
  ['a prototype as a field', 'POST', '/v1/partners', JSON.parse('{"__proto__x": 1}'), '__proto__x'],
  ['a role that does not exist', 'POST', '/v1/people', { name: 'A', email: 'a@x.example', role: 'king' }, 'role'],
  ['a partner as a person', 'POST', '/v1/people', { name: 'A', email: 'a@x.example', role: 'partner' }, 'role'],
  ['a key of nobody with power', 'POST', '/v1/api-keys', { name: 'A', role: 'finance' }, 'personId'],
  ['a partner key without partner', 'POST', '/v1/api-keys', { name: 'A', role: 'partner' }, 'partnerId'],
  ['a private webhook', 'POST', '/v1/webhooks', { url: 'https://169.254.169.254/', events: ['task.opened'] }, 'url'],
  [
    'a mapped private webhook',
    'POST',
    '/v1/webhooks',
    { url: 'https://[::ffff:7f00:1]/', events: ['task.opened'] },
    'url',
  ],
  ['a webhook without TLS', 'POST', '/v1/webhooks', { url: 'http://example.com/', events: ['task.opened'] }, 'url'],
  ['an unknown event', 'POST', '/v1/webhooks', { url: 'https://8.8.8.8/', events: ['nothing.happened'] }, 'events.0'],
  [
    'a setting that is none',
    'PATCH',
    '/v1/program',
    { settings: { gates: { counterRounds: -1 } } },
    'settings.gates.counterRounds',
  ],
  [
    'a click parameter that needs escaping',
    'PATCH',
    '/v1/program',
    { settings: { tracking: { clickParameter: 'a b' } } },
    'settings.tracking.clickParameter',
  ],
  ['an unknown setting', 'PATCH', '/v1/program', { settings: { luck: 1 } }, 'settings.luck'],
  [
    'a market twice',
    'PUT',
    '/v1/markets',
    {
      items: [1, 2].map(() => ({
        code: 'DE',
        name: 'D',
        region: 'E',
        countries: ['DE'],
        language: 'de',
        timeZone: 'UTC',
        currency: 'EUR',
      })),
    },
    'items.1.code',
  ],
];

const question = { id: 'q1', text: 'Who pays?', options: [{ id: 'a', text: 'We' }], correct: 'a' };
const trainingModule = { title: 'Basics', body: 'Read this.', questions: [question], passMark: 80 };
const asset = { name: 'Banner', kind: 'banner', url: 'https://assets.example/1.png' };
const template = {
  name: 'Plain',
  body: 'We agree.',
  terms: { plan: { rules: [{ kind: 'percentage', basisPoints: 1_000 }] } },
};

/** What the team lays in, with what makes it good and what makes it bad; `partnerId` is filled in. */
const LAID_IN: [path: string, good: object, faults: [what: string, change: object, field: string][]][] = [
  [
    '/v1/coupons',
    { partnerId: '', code: 'MIRA10' },
    [
      ['a code with a blank', { code: 'MIRA 10' }, 'code'],
      ['a code of one letter', { code: 'M' }, 'code'],
      ['content of nobody', { contentId: 'cnt_none' }, 'contentId'],
      ['a partner that does not exist', { partnerId: 'ptn_none' }, 'partnerId'],
    ],
  ],
  [
    '/v1/assets',
    asset,
    [
      ['an address that runs script', { url: 'javascript:alert(1)' }, 'url'],
      ['a kind in capitals', { kind: 'BANNER' }, 'kind'],
      ['a note that is too long', { note: 'x'.repeat(2_001) }, 'note'],
    ],
  ],
  [
    '/v1/contract-templates',
    template,
    [
      ['a term that is none', { terms: { luck: 1 } }, 'terms.luck'],
      ['a currency that does not exist', { terms: { currency: 'XYZ' } }, 'terms.currency'],
      ['a type with blanks', { partnerTypes: ['a creator'] }, 'partnerTypes.0'],
    ],
  ],
  [
    '/v1/training-modules',
    trainingModule,
    [
      ['a pass mark above all', { passMark: 101 }, 'passMark'],
      ['no question', { questions: [] }, 'questions'],
      ['a right answer that is no option', { questions: [{ ...question, correct: 'b' }] }, 'questions.0.correct'],
      ['a question twice', { questions: [question, question] }, 'questions.1.id'],
    ],
  ],
];

describe.each(LAID_IN)('POST %s', (path, good, faults) => {
  const post = (change: object = {}) => {
    const body = { ...good, ...('partnerId' in good ? { partnerId } : {}), ...change };
    return api.send('POST', path, { key: api.keys.owner, body });
  };

  it('refuses each fault by its field, and nothing of it is there', async () => {
    const before = await printProgram(api.pool, api.programId);
    for (const [what, change, field] of faults) {
      const { status, body } = await post(change);
      expect({ what, status, fields: body.errors?.map(({ path: at }: any) => at) }).toEqual({
        what,
        status: 422,
        fields: expect.arrayContaining([field]),
      });
    }
    expect(await printProgram(api.pool, api.programId)).toEqual(before);
  });

  it('takes the same without the fault, and shows it', async () => {
    const { status, body } = await post();
    expect({ status, body }).toMatchObject({ status: 201, body: { id: expect.any(String) } });
    const { items } = (await api.send('GET', `${path}?limit=200`, { key: api.keys.owner })).body;
    expect(items).toContainEqual(body);
  });
});

it('adds versions to an asset, and none by a bad address', async () => {
  const { id } = (await api.send('POST', '/v1/assets', { key: api.keys.owner, body: { ...asset, name: 'Two' } })).body;
  const add = (url: string) => api.send('POST', `/v1/assets/${id}/versions`, { key: api.keys.owner, body: { url } });
  expect((await add('not an address')).body).toMatchObject({ status: 422, errors: [{ path: 'url' }] });
  expect(await add('https://assets.example/2.png')).toMatchObject({ status: 201 });
  const { body } = await api.send('GET', `/v1/assets/${id}`, { key: api.keys.owner });
  expect(body.versions).toMatchObject([
    { version: 1, url: asset.url },
    { version: 2, url: 'https://assets.example/2.png' },
  ]);
});

describe('a request with a fault is refused with the field that has it', () => {
  it.each(FAULTS)('%s', async (_what, method, path, body, field) => {
    const reply = await api.send(method, path, { key: api.keys.owner, body });
    expect(reply).toMatchObject({ status: 422, body: { code: 'invalid', requestId: expect.any(String) } });
    expect(reply.body.errors.map(({ path: at }: any) => at)).toContain(field);
  });

  it.each(['limit=0', 'limit=201', 'limit=x', 'cursor=!', 'page=2', 'limit=1&limit=2'])('?%s', async (query) => {
    expect(await api.send('GET', `/v1/people?${query}`, { key: api.keys.owner })).toMatchObject({ status: 422 });
  });

  it.each([
    ['POST', '/v1/attribution/policies'],
    ['PUT', '/v1/markets'],
    ['PATCH', '/v1/program'],
    ['POST', '/v1/contract-templates'],
  ])('%s %s with a number beyond doubles or 1,000 levels', async (method, path) => {
    const deep = `{"body":{"rules":${'['.repeat(1_000)}${']'.repeat(1_000)}}}`;
    const send = (raw: string) => api.send(method, path, { key: api.keys.owner, raw });
    const beyond = await send('{"body":{"rules":[{"factor":1e400}]}}');
    expect(beyond.body).toMatchObject({ status: 422, code: 'invalid', errors: [{ path: 'body.rules.0.factor' }] });
    for (const raw of [deep, '['.repeat(50_000) + ']'.repeat(50_000)])
      expect((await send(raw)).body).toMatchObject({
        status: 422,
        code: 'invalid',
        errors: [{ message: 'Nest objects and lists at most 64 levels deep.' }],
      });
  });

  it('an item alone, where items are judged one by one', async () => {
    const item = (properties: string) =>
      `{"identity":{"customerId":"c"},"kind":"click","channel":"mail","occurredAt":"2026-11-01T00:00:00Z","properties":${properties}}`;
    const deep = '{"a":'.repeat(3_000) + '1' + '}'.repeat(3_000);
    const raw = `{"items":[${[item('{}'), item('{"a":1e400}'), item(deep), item('{"b":1}')].join(',')}]}`;
    const reply = await api.send('POST', '/v1/touchpoints', { key: api.keys.machine, raw });
    expect(reply.status).toBe(202);
    expect(reply.body.results.map(({ status, detail }: any) => detail?.split(':')[0] ?? status)).toEqual([
      'accepted',
      'properties',
      'properties',
      'accepted',
    ]);
  });

  it('a path that cannot be decoded', async () => {
    expect((await api.send('GET', '/v1/partners/%', { key: api.keys.owner })).status).toBe(400);
    expect((await api.send('GET', '/v1/partners/%00', { key: api.keys.owner })).status).toBe(404);
  });

  it('another media type than JSON', async () => {
    const headers = { 'content-type': 'text/plain' };
    expect(await api.send('POST', '/v1/people', { key: api.keys.owner, raw: 'x', headers })).toMatchObject({
      status: 400,
    });
  });
});

it('refuses a change of a partner that would hold from a day that nobody means', async () => {
  const body = { type: 'agency', effectiveFrom: '2206-01-01T00:00:00Z' };
  const reply = await api.send('PATCH', `/v1/partners/${partnerId}`, { key: api.keys.owner, body });
  expect(reply.body).toMatchObject({ status: 422, errors: [{ path: 'effectiveFrom' }] });
});

it('keeps script in a name as text and answers as JSON that no browser guesses about', async () => {
  const name = '<script>alert(1)</script>';
  const reply = await api.send('PATCH', `/v1/partners/${partnerId}`, { key: api.keys.owner, body: { name } });
  expect(reply.body.name).toBe(name);
  expect(reply.headers.get('content-type')).toContain('application/json');
  expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
});

it('refuses a bad IBAN and stores nothing of it', async () => {
  const taskId = 'tsk_01h00000000000000000000000';
  await inTransaction(api.pool, api.programId, (tx) =>
    tx.query(
      `insert into task (program_id, id, kind, workflow_id, workflow_key, partner_id, subject_type, subject_id, role, outcomes, data, opened_at)
       values ($1, $2, 'enablement.payout-details', 'partner/x', 'details/1', $3, 'partner', $3, 'partner', '{submitted}', '{}', now())`,
      [api.programId, taskId, partnerId],
    ),
  );
  const made = await api.send('POST', '/v1/api-keys', {
    key: api.keys.owner,
    body: { name: 'P', role: 'partner', partnerId },
  });
  const data = { method: 'sepa', accountHolder: 'Mira', iban: 'DE89370400440532013001', taxCountry: 'DE' };
  const reply = await api.send('POST', `/v1/tasks/${taskId}/complete`, {
    key: made.body.apiKey,
    body: { outcome: 'submitted', data },
  });
  expect(reply.body).toMatchObject({ status: 422, errors: [{ path: 'data.iban' }] });
  const { rows } = await inTransaction(api.pool, api.programId, (tx) => tx.query('select 1 from command_input'));
  expect(rows).toEqual([]);
});

it('limits public forms by address, with the time to wait', async () => {
  const limited = await startApi({ publicCallsPerMinute: 3 });
  try {
    const replies = [];
    for (let calls = 0; calls < 4; calls += 1)
      replies.push(await limited.send('POST', '/v1/applications', { body: {} }));
    expect(replies.map(({ status }) => status)).toEqual([422, 422, 422, 429]);
    expect(Number(replies[3]!.headers.get('retry-after'))).toBeGreaterThan(0);
  } finally {
    await limited.stop();
  }
});

it.each([
  // The address that a caller wrote itself is never believed: only what the last proxy that is ours added.
  { trustedProxies: 0, statuses: [422, 422, 429, 429] },
  { trustedProxies: 1, statuses: [422, 422, 422, 429] },
])(
  'counts the callers of public forms behind $trustedProxies trusted proxies',
  async ({ trustedProxies, statuses }) => {
    const limited = await startApi({ publicCallsPerMinute: 2, trustedProxies });
    try {
      const replies = [];
      for (const via of ['203.0.113.1', '203.0.113.1', '203.0.113.2', '203.0.113.2, 203.0.113.1']) {
        const headers = { 'x-forwarded-for': via };
        replies.push(await limited.send('POST', '/v1/applications', { body: {}, headers }));
      }
      expect(replies.map(({ status }) => status)).toEqual(statuses);
    } finally {
      await limited.stop();
    }
  },
);
