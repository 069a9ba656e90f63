import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mintApiKey } from '../../db/queries/api-key.ts';
import { inTransaction } from '../../db/transaction.ts';
import { aPartner } from '../support/ground.ts';
import { eventually } from '../support/eventually.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { startApiWorker } from './api-worker.ts';

let api: ApiStack;
let stopWorker: () => Promise<void>;
let partnerId: string;
let otherId: string;
let partnerKey: string;
let otherKey: string;

beforeAll(async () => {
  api = await startApi();
  stopWorker = await startApiWorker(api);
  ({ partnerId } = await aPartner(api.pool, api.programId));
  ({ partnerId: otherId } = await aPartner(api.pool, api.programId));
  [partnerKey, otherKey] = await inTransaction(api.pool, api.programId, async (tx) => [
    (await mintApiKey(tx, { name: 'One', role: 'partner', partnerId })).apiKey,
    (await mintApiKey(tx, { name: 'Other', role: 'partner', partnerId: otherId })).apiKey,
  ]);
}, 120_000);
afterAll(async () => {
  await stopWorker();
  await api.stop();
});

const get = (path: string, key = api.keys.partner_manager) => api.send('GET', path, { key });
const post = (path: string, body: unknown, key = api.keys.partner_manager) => api.send('POST', path, { key, body });
const XSS = '<script>alert(1)</script>';

async function openTask(kind: string, subjectId: string): Promise<string> {
  let id = '';
  await eventually(async () => {
    const { body } = await get(`/v1/tasks?kind=${kind}&state=open&subjectId=${subjectId}`);
    id = body.items[0]?.id;
    expect(id).toMatch(/^tsk_/);
  });
  return id;
}

describe('feedback', () => {
  const open = (body: object, key = partnerKey) =>
    post(`/v1/partners/${partnerId}/feedback`, { kind: 'idea', message: 'A thought', ...body }, key);

  it('is a case with a deadline, answered by the team and appealed once by the partner', async () => {
    const opened = await open({ kind: 'attribution', message: XSS, evidence: { link: 'https://x.example' } });
    expect(opened).toMatchObject({
      status: 201,
      body: {
        id: expect.stringMatching(/^fbk_/),
        state: 'open',
        dueAt: expect.any(String),
        messages: [{ text: XSS }],
        links: { adjustments: [] },
      },
    });
    const { id } = opened.body;
    expect((await post(`/v1/feedback/${id}/appeal`, { message: 'No' }, partnerKey)).body).toMatchObject({
      status: 409,
      code: 'illegal-transition',
    });
    const taskId = await openTask('feedback.triage', id);
    const answer = { outcome: 'answer', data: { message: 'First touches count from next month on.' } };
    expect((await post(`/v1/tasks/${taskId}/complete`, answer)).status).toBe(200);
    await eventually(async () => expect((await get(`/v1/feedback/${id}`, partnerKey)).body.state).toBe('answered'));
    const appealed = await post(`/v1/feedback/${id}/appeal`, { message: 'That is too late' }, partnerKey);
    expect(appealed).toMatchObject({ status: 200, body: { state: 'appealed' } });
    expect(appealed.body.messages.map(({ text }: { text: string }) => text)).toEqual([
      XSS,
      answer.data.message,
      'That is too late',
    ]);
    expect((await post(`/v1/feedback/${id}/appeal`, { message: 'Again' }, partnerKey)).status).toBe(409);
  });

  it('gives a repeated request the same case', async () => {
    const request = { key: partnerKey, body: { kind: 'idea', message: 'Once' }, idempotencyKey: 'one-case' };
    const replies = await Promise.all(
      [1, 2, 3].map(() => api.send('POST', `/v1/partners/${partnerId}/feedback`, request)),
    );
    const ids = replies.filter(({ status }) => status === 201).map(({ body }) => body.id);
    expect(new Set(ids).size).toBe(1);
    expect((await api.send('POST', `/v1/partners/${partnerId}/feedback`, request)).body.id).toBe(ids[0]);
  });

  it('of another partner is not there', async () => {
    const { body } = await open({});
    expect((await get(`/v1/feedback/${body.id}`, otherKey)).status).toBe(404);
    expect((await get('/v1/feedback', otherKey)).body.items).toEqual([]);
    expect((await open({}, otherKey)).status).toBe(404);
    expect((await open({}, api.keys.reviewer)).status).toBe(403);
  });

  it.each([
    [{ kind: 'odd' }, 'kind'],
    [{ message: ' ' }, 'message'],
    [{ conversionExternalId: 'nothing' }, 'conversionExternalId'],
    [{ odd: 1 }, 'odd'],
  ])('refuses %j', async (change, path) => {
    expect((await open(change)).body).toMatchObject({ status: 422, errors: [{ path }] });
  });
});

const QUESTIONS = [
  {
    id: 'q1',
    text: `Where do you look? ${XSS}`,
    kind: 'multiple',
    options: [
      { id: 'a', text: 'Video', speaksFor: { dimension: 'channel', value: 'video' } },
      { id: 'b', text: 'Articles', speaksFor: { dimension: 'channel', value: 'article' } },
    ],
  },
  {
    id: 'q2',
    text: 'Do you buy?',
    kind: 'single',
    options: [
      { id: 'y', text: 'Yes' },
      { id: 'n', text: 'No' },
    ],
  },
];

describe('audience surveys', () => {
  const open = (body: object = {}) =>
    post('/v1/audience-surveys', { title: `Our customers ${XSS}`, questions: QUESTIONS, ...body });
  const pathOf = (link: string) => new URL(link).pathname;

  it('are answered by anybody with the link, in a form without scripts or as JSON, and propose a brief', async () => {
    const { body: survey } = await open();
    const path = pathOf(survey.link);
    const page = await api.send('GET', path, { headers: { accept: 'text/html' } });
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.text).toContain('<input type="checkbox" name="q1" value="a">');
    expect(page.text).not.toContain('<script');
    expect((await api.send('GET', path)).body.questions).toHaveLength(2);

    const sent = await api.send('POST', path, {
      raw: 'q1=a&q1=b&q2=y',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'accept-language': 'de' },
      idempotencyKey: null,
    });
    expect(sent.status).toBe(201);
    expect(sent.text).toContain('Thank you');
    expect((await api.send('POST', path, { body: { answers: { q1: 'a' } }, idempotencyKey: null })).status).toBe(201);

    const { body: result } = await get(`/v1/audience-surveys/${survey.id}`);
    expect(result).toMatchObject({ responses: 2, proposedWeights: { channel: { video: 1, article: 0.5 } } });
    expect(result.results[0]).toMatchObject({
      answered: 2,
      options: [
        { optionId: 'a', share: 1 },
        { optionId: 'b', share: 0.5 },
      ],
    });
    expect(result.link).toBeUndefined();

    const { body: brief } = await post('/v1/briefs', { name: 'From the survey', surveyId: survey.id });
    expect(brief).toMatchObject({
      state: 'draft',
      weights: { channel: { video: 1, article: 0.5 } },
      evidence: { responses: 2 },
    });
  });

  it('refuse answers that are none, and take none once they are closed', async () => {
    const { body: survey } = await open();
    const path = pathOf(survey.link);
    const answer = (answers: object) => api.send('POST', path, { body: { answers }, idempotencyKey: null });
    expect((await answer({ q2: ['y', 'n'] })).body).toMatchObject({ status: 422, errors: [{ path: 'answers.q2' }] });
    expect((await answer({ q1: 'odd' })).status).toBe(422);
    expect((await answer({ q9: 'y' })).status).toBe(422);
    expect((await api.send('POST', path, { raw: '{', idempotencyKey: null })).status).toBe(400);
    const deep = `{"answers":{"q1":${'['.repeat(1_000)}${']'.repeat(1_000)}}}`;
    expect((await api.send('POST', path, { raw: deep, idempotencyKey: null })).body).toMatchObject({
      status: 422,
      errors: [{ message: 'Nest objects and lists at most 64 levels deep.' }],
    });
    const asText = { raw: '{"answers":{}}', headers: { 'content-type': 'text/plain' }, idempotencyKey: null };
    expect((await api.send('POST', path, asText)).body).toMatchObject({ code: 'malformed' });
    const withNul = { answers: { q1: 'a' }, language: 'd\u0000' };
    expect((await api.send('POST', path, { body: withNul, idempotencyKey: null })).status).toBe(422);
    expect((await post(`/v1/audience-surveys/${survey.id}/close`, {})).body.state).toBe('closed');
    expect((await answer({ q2: 'y' })).status).toBe(409);
    expect((await api.send('GET', path, { headers: { accept: 'text/html' } })).text).toContain('closed');
    expect((await api.send('GET', `${path.slice(0, -1)}${path.endsWith('A') ? 'B' : 'A'}`)).status).toBe(404);
  });
});

describe('briefs', () => {
  const weights = { type: { creator: 1 }, channel: { video: 0.8 } };

  it('hold once another manager approved them, and then score prospects', async () => {
    const { body: brief } = await post('/v1/briefs', { name: 'Creators', weights });
    const changed = await api.send('PATCH', `/v1/briefs/${brief.id}`, {
      key: api.keys.partner_manager,
      body: { name: 'Creators first' },
    });
    expect(changed.body).toMatchObject({ name: 'Creators first', weights });
    const submitted = await post(`/v1/briefs/${brief.id}/submit`, {});
    expect(submitted).toMatchObject({ status: 202, body: { state: 'submitted' } });
    expect((await post(`/v1/briefs/${brief.id}/submit`, {})).status).toBe(409);
    const taskId = await openTask('brief.approval', brief.id);
    expect((await post(`/v1/tasks/${taskId}/complete`, { outcome: 'approve' })).status).toBe(403);
    expect((await post(`/v1/tasks/${taskId}/complete`, { outcome: 'approve' }, api.keys.partner_manager2)).status).toBe(
      200,
    );
    await eventually(async () => expect((await get(`/v1/briefs/${brief.id}`)).body.state).toBe('active'));
    expect(
      (await api.send('PATCH', `/v1/briefs/${brief.id}`, { key: api.keys.partner_manager, body: { name: 'Late' } }))
        .body.code,
    ).toBe('immutable');

    const { body: prospect } = await post('/v1/prospects', {
      name: 'Vera',
      type: 'creator',
      country: 'DE',
      channels: ['video'],
    });
    expect(prospect.fitScore).toBe(90);
    expect((await get('/v1/prospects')).body.items).toMatchObject([{ id: prospect.id, partnerId: null }]);
  });

  it.each([
    [{}, 'weights'],
    [{ weights: { type: { creator: 2 } } }, 'weights.type.creator'],
    [{ weights: { odd: {} } }, 'weights.odd'],
    [{ surveyId: 'srv_x' }, 'surveyId'],
  ])('refuse %j', async (body, path) => {
    expect((await post('/v1/briefs', { name: 'Odd', ...body })).body).toMatchObject({
      status: 422,
      errors: [{ path }],
    });
  });
});

describe('prospects', () => {
  it('are invited once, and become partners', async () => {
    const { body: prospect } = await post('/v1/prospects', {
      name: 'Ida',
      email: 'ida@creator.example',
      type: 'creator',
      country: 'DE',
    });
    const invited = await post(`/v1/prospects/${prospect.id}/invite`, {});
    expect(invited).toMatchObject({ status: 200, body: { partnerId: expect.stringMatching(/^prt_/) } });
    expect((await get(`/v1/partners/${invited.body.partnerId}`)).body).toMatchObject({
      name: 'Ida',
      status: 'surveying',
    });
    expect((await post(`/v1/prospects/${prospect.id}/invite`, {})).body).toMatchObject({
      status: 409,
      existingId: invited.body.partnerId,
    });
    const { body: silent } = await post('/v1/prospects', { name: 'No mail', type: 'creator', country: 'DE' });
    expect((await post(`/v1/prospects/${silent.id}/invite`, {})).status).toBe(409);
  });
});
