import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { advanceBoundaries } from '../../activities/attribution/advance.ts';
import { StudyWorld } from '../activities/attribution/study-world.ts';
import { aPartner, LINEAR } from '../support/ground.ts';
import { eventually } from '../support/eventually.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { startApiWorker } from './api-worker.ts';
import { daysAgo } from '../support/days-ago.ts';

const DAY_MS = 86_400_000;

let api: ApiStack;
let stopWorker: () => Promise<void>;
let world: StudyWorld;
let firstId: string;
let lastId: string;
let conversionId: string;
let policyId: string;
let studyId: string;

beforeAll(async () => {
  api = await startApi();
  stopWorker = await startApiWorker(api);
  world = new StudyWorld(api.pool, api.programId);
  ({ partnerId: firstId } = await aPartner(api.pool, api.programId, { contractFrom: daysAgo(9) }));
  ({ partnerId: lastId } = await aPartner(api.pool, api.programId, { contractFrom: daysAgo(9), type: 'agency' }));
  await world.rows('update partner set name = $1 where id = $2', ['=HYPERLINK("x")', lastId]);
  await world.touch({ id: 't1', partnerId: firstId, channel: 'video', occurredAt: daysAgo(6) });
  await world.touch({ id: 't2', partnerId: lastId, channel: 'article', occurredAt: daysAgo(5) });
  conversionId = await world.sale('order-1', 10_000, daysAgo(4));
  await world.sale('order-2', 1_000, daysAgo(4), { vertical: 'games' });
  await world.drain();
  ({ id: policyId } = (await post('/v1/attribution/policies', { name: 'Linear', model: { kind: 'linear' } })).body);
  ({ id: studyId } = (await post(`/v1/attribution/policies/${policyId}/studies`, range())).body);
  await done(studyId);
}, 120_000);
afterAll(async () => {
  await stopWorker();
  await api.stop();
});

const get = (path: string, headers: Record<string, string> = {}) =>
  api.send('GET', path, { key: api.keys.partner_manager, headers });
const post = (path: string, body: unknown = {}) => api.send('POST', path, { key: api.keys.partner_manager, body });
const range = () => ({ from: daysAgo(7), to: daysAgo(0) });
const done = (id: string) =>
  eventually(async () => expect((await get(`/v1/attribution/studies/${id}`)).body.state).toBe('done'), 20_000);

describe('studies of a policy', () => {
  it('are listed in pages, newest first', async () => {
    const { id } = (await post('/v1/attribution/policies', { name: 'Twice', model: { kind: 'linear' } })).body;
    const path = `/v1/attribution/policies/${id}/studies`;
    const made = [];
    for (const _ of [1, 2, 3]) made.unshift((await post(path, range())).body.id);
    const first = (await get(`${path}?limit=2`)).body;
    const rest = (await get(`${path}?limit=2&cursor=${first.nextCursor}`)).body;
    const ids = [...first.items, ...rest.items].map(({ id: studied }) => studied);
    expect({ ids, end: rest.nextCursor }).toEqual({ ids: made, end: null });
  });
});

describe('a study', () => {
  it('says of each beneficiary what changes in credit, value and commission, in its currency and the program’s', async () => {
    const { body } = await get(`/v1/attribution/studies/${studyId}`);
    expect(body).toMatchObject({
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      repeatOf: null,
      policy: { name: 'Linear' },
    });
    const line = body.lines.find(({ beneficiary }: { beneficiary: { id: string } }) => beneficiary.id === firstId);
    expect(line).toMatchObject({
      beneficiary: { kind: 'partner', type: 'creator' },
      conversions: 2,
      creditBefore: 0,
      creditAfter: 1,
      difference: { minor: 550, currency: 'EUR' },
      fromLateEvidence: { minor: 0, currency: 'EUR' },
      fromRule: { minor: 550, currency: 'EUR' },
      parts: { rule: { credit: 1, value: { minor: 5_500 } } },
      inProgramCurrency: { commission: { before: { minor: 0 }, after: { minor: 550 }, difference: { minor: 550 } } },
    });
  });

  it.each([
    ['partnerType', { agency: -550, creator: 550 }],
    ['channel', { article: -550, video: 550 }],
    ['vertical', { games: 0, null: 0 }],
    ['market', { null: 0 }],
    ['conversionType', { purchase: 0 }],
    ['windowState', { open: 0 }],
  ])('is broken down by %s', async (groupBy, differences) => {
    const { status, body } = await get(`/v1/attribution/studies/${studyId}/breakdown?groupBy=${groupBy}`);
    expect({ status, groupBy: body.groupBy }).toEqual({ status: 200, groupBy });
    const shown = body.items.map(({ key, difference }: { key: string; difference: { minor: number } }) => [
      key,
      difference.minor,
    ]);
    expect(Object.fromEntries(shown)).toEqual(differences);
  });

  it('comes as CSV, in which a name is no formula', async () => {
    const lines = await get(`/v1/attribution/studies/${studyId}`, { accept: 'text/csv' });
    expect(lines.headers.get('content-type')).toMatch(/^text\/csv/);
    const [header, ...rows] = lines.text.trim().split('\r\n');
    expect(header).toContain('kind,id,name,type,market,conversions,creditBefore,creditAfter,valueCurrency');
    expect(rows.find((row) => row.includes(lastId))).toContain(`"'=HYPERLINK(""x"")"`);
    expect(rows.find((row) => row.includes(lastId))).toContain(
      ',EUR,110.00,55.00,EUR,11.00,5.50,-5.50,0.00,-5.50,EUR,-5.50',
    );
    const groups = await get(`/v1/attribution/studies/${studyId}/breakdown?groupBy=channel`, { accept: 'text/csv' });
    expect(groups.text.split('\r\n').map((row) => row.split(',')[0])).toEqual(['channel', 'article', 'video', '']);
  });

  it('shows the conversions that change most, page by page, with both explanations', async () => {
    const first = await get(`/v1/attribution/studies/${studyId}/conversions?limit=1`);
    expect(first.body.items).toMatchObject([
      {
        id: conversionId,
        externalId: 'order-1',
        creditMoved: 0.5,
        commissionMoved: 1_000,
        hasLateEvidence: false,
        before: {
          policyName: expect.any(String),
          policyVersion: 1,
          credits: [
            {
              beneficiary: { kind: 'partner', id: lastId },
              share: 1,
              value: { minor: 10_000, currency: 'EUR' },
              contractVersion: 1,
            },
          ],
          touchpoints: [
            { id: 't1', weight: 0, reason: 'zero-weight' },
            { id: 't2', weight: 1, factor: 1, contractVersion: 1 },
          ],
        },
        after: {
          policyId,
          policyName: 'Linear',
          policyVersion: 1,
          credits: [{ share: 0.5 }, { share: 0.5 }],
          touchpoints: [
            { id: 't1', partnerId: firstId, weight: 0.5 },
            { id: 't2', weight: 0.5 },
          ],
        },
      },
    ]);
    const { nextCursor } = first.body;
    const rest = await get(`/v1/attribution/studies/${studyId}/conversions?limit=1&sort=change&cursor=${nextCursor}`);
    expect(rest.body).toMatchObject({ items: [{ externalId: 'order-2' }], nextCursor: null });
    expect((await get(`/v1/attribution/studies/${studyId}/conversions?sort=odd`)).status).toBe(422);
    expect((await get(`/v1/attribution/studies/${studyId}/conversions?cursor=eHg`)).status).toBe(422);
  });

  it('is repeated to the byte after the draft changed and sales came in', async () => {
    await api.send('PATCH', `/v1/attribution/policies/${policyId}`, {
      key: api.keys.partner_manager,
      body: { model: { kind: 'first' } },
    });
    await world.sale('order-3', 9_000, daysAgo(3));
    const asked = await post(`/v1/attribution/studies/${studyId}/repeat`);
    expect(asked).toMatchObject({ status: 202, body: { repeatOf: studyId, policyId } });
    await done(asked.body.id);
    const results = [];
    for (const id of [studyId, asked.body.id]) {
      const { body } = await get(`/v1/attribution/studies/${id}`);
      const breakdown = (await get(`/v1/attribution/studies/${id}/breakdown?groupBy=channel`)).body.items;
      const sample = (await get(`/v1/attribution/studies/${id}/conversions`)).body.items;
      results.push(JSON.stringify([body.digest, body.totals, body.conversions, body.lines, breakdown, sample]));
    }
    expect(results[1]).toBe(results[0]);
  });

  it('is neither repeated nor sampled before it is done', async () => {
    const waiting = await world.study(policyId);
    for (const reply of [
      await post(`/v1/attribution/studies/${waiting}/repeat`),
      await get(`/v1/attribution/studies/${waiting}/conversions`),
    ])
      expect(reply.body).toMatchObject({ status: 409, code: 'illegal-transition', state: 'queued' });
  });
});

describe('a re-evaluation', () => {
  it('tells how far it has come, and after its execution what happened instead of being cancelled', async () => {
    const { evaluationId, studyId: cutStudy } = await world.evaluation(policyId);
    const path = `/v1/attribution/evaluations/${evaluationId}`;
    const progress = async () => (await get(path)).body.progress;
    expect(await progress()).toEqual({ phase: 'queued', done: 0, total: null, rate: null, timeLeft: null });
    await world.cut(evaluationId);
    expect(await progress()).toMatchObject({ phase: 'cut' });
    await world.run(cutStudy);
    expect(await progress()).toMatchObject({
      phase: 'price',
      done: 6,
      total: 6,
      rate: expect.any(Number),
      timeLeft: 'PT0S',
    });
    await world.execute(evaluationId);
    expect(await progress()).toMatchObject({ phase: 'post', done: 0, total: 6 });
    expect((await get(path)).body).toMatchObject({ state: 'running', executedAt: expect.any(String) });
    const late = await post(`${path}/cancel`);
    expect(late.body).toMatchObject({
      status: 409,
      code: 'illegal-transition',
      state: 'running',
      executedAt: expect.any(String),
    });
    expect(late.body.detail).toContain('0 of 6 differences are posted');
    await world.post(evaluationId);
    expect((await get(path)).body).toMatchObject({ state: 'done', studyId: cutStudy, progress: { phase: 'ended' } });
    expect((await post(`${path}/cancel`)).body.detail).toContain('all differences are posted');
  });

  it('shows what it changes that the approved study did not say, in sum and for each beneficiary', async () => {
    const exclusions = (['video', 'article'] as const).map((channel) => ({ channel, mode: 'always' as const }));
    const draft = await world.draft({ ...LINEAR, name: 'Nobody', exclusions });
    const approvedStudyId = await world.study(draft);
    const approved = await world.run(approvedStudyId);
    await world.sale('order-4', 7_000, daysAgo(4));
    await world.drain();
    const { evaluationId, studyId: cutStudy } = await world.evaluation(draft, 'recover', approvedStudyId);
    const path = `/v1/attribution/evaluations/${evaluationId}`;
    expect((await get(path)).body.sinceApproval).toBeNull();
    await world.cut(evaluationId);
    const carriedOut = await world.run(cutStudy);
    expect((await get(path)).body.sinceApproval).toMatchObject({ approvedStudyId, lines: null });
    await world.execute(evaluationId);
    await world.post(evaluationId);

    const { sinceApproval } = (await get(path)).body;
    const eur = (minor: number) => ({ minor, currency: 'EUR' });
    expect(sinceApproval).toEqual({
      approvedStudyId,
      from: approved.fromAt,
      to: approved.toAt,
      cutAt: approved.cutAt,
      conversions: { approved: approved.conversions, carriedOut: carriedOut.conversions, difference: 1 },
      value: { approved: eur(0), carriedOut: eur(0), difference: eur(0) },
      commission: { approved: eur(-2_000), carriedOut: eur(-2_700), difference: eur(-700) },
      lines: [
        {
          beneficiary: { kind: 'partner', id: firstId, name: expect.any(String), type: 'creator', market: null },
          credit: { approved: -3, carriedOut: -4, difference: -1 },
          value: { approved: eur(-20_000), carriedOut: eur(-27_000), difference: eur(-7_000) },
          commission: { approved: eur(-2_000), carriedOut: eur(-2_700), difference: eur(-700) },
        },
        {
          beneficiary: { kind: 'program', id: expect.any(String), name: expect.any(String), type: null, market: null },
          credit: { approved: 3, carriedOut: 4, difference: 1 },
          value: { approved: eur(20_000), carriedOut: eur(27_000), difference: eur(7_000) },
          commission: { approved: eur(0), carriedOut: eur(0), difference: eur(0) },
        },
      ],
    });
  });
});

it('a locked conversion lists the evidence that came too late, with what it is', async () => {
  const locked = new Date(Date.now() + 92 * DAY_MS).toISOString();
  await advanceBoundaries(api.pool, api.programId, { now: locked });
  world.now = locked;
  await world.touch({ id: 'late', channel: 'tv', occurredAt: daysAgo(5) });
  await world.drain();
  const { body } = await get(`/v1/conversions/${conversionId}`);
  expect(body).toMatchObject({
    state: 'locked',
    lateEvidence: [
      { id: 'late', channel: 'tv', kind: 'click', occurredAt: expect.any(String), receivedAt: expect.any(String) },
    ],
  });
  expect(body.touchpoints.map(({ id }: { id: string }) => id)).toEqual(['t1', 't2']);
});
