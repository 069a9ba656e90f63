import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';

let api: ApiStack;
beforeAll(async () => {
  api = await startApi({ commandTimeoutMs: 300 });
});
afterAll(() => api?.stop());

const POLICY = { name: 'Odd', model: { kind: 'linear' } };
const policy = (rules: object) =>
  ['POST', '/v1/attribution/policies', { ...POLICY, ...rules }] as [string, string, object];

const CASES: [field: string, words: string, call: readonly [method: string, path: string, body?: object]][] = [
  ['transforms.0', 'Give collapse-repeats, distinct-first, or an object', policy({ transforms: ['foo'] })],
  ['transforms.0.keepLast', 'Give at least 1.', policy({ transforms: [{ keepLast: 0 }] })],
  ['model.kind', 'Give one of first, last, linear, position, time-decay, weights.', policy({ model: { kind: 'odd' } })],
  ['exclusions.0.mode', 'Give one of always, unless-only.', policy({ exclusions: [{ mode: 'often' }] })],
  ['perPartnerShare', 'Give a number.', policy({ perPartnerShare: 'half' })],
  ['items', 'Give this field: a list.', ['POST', '/v1/touchpoints', {}]],
  ['items', 'Give at least 1 item.', ['POST', '/v1/touchpoints', { items: [] }]],
  ['items', 'Give at most 1,000 items.', ['POST', '/v1/refunds', { items: Array(1_001).fill(0) }]],
  [
    'source',
    'Give either importId alone, or from and to.',
    ['POST', '/v1/attribution/fits', { source: {}, method: 'markov' }],
  ],
  ['limit', 'Give at most 200.', ['GET', '/v1/partners?limit=500']],
  ['limit', 'Give a number.', ['GET', '/v1/partners?limit=many']],
];
it.each(CASES)('says in words what to give: %s: %s', async (field, words, [method, path, body]) => {
  const reply = await api.send(method, path, { key: api.keys.owner, body });
  expect(reply).toMatchObject({ status: 422, body: { detail: expect.stringContaining(`${field}: ${words}`) } });
});

it('says whose turn a route is', async () => {
  const reply = await api.send('POST', '/v1/touchpoints', { key: api.keys.finance, body: { items: [] } });
  const detail = expect.stringMatching(/^This is for .* or developer; your role is finance\.$/);
  expect(reply).toMatchObject({ status: 403, body: { code: 'forbidden', detail } });
});
