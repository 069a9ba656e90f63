import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../db/ids.ts';
import { mintApiKey } from '../../db/queries/api-key.ts';
import { inTransaction } from '../../db/transaction.ts';
import { World } from '../activities/attribution/world.ts';
import { aPartner } from '../support/ground.ts';
import { eventually } from '../support/eventually.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { startApiWorker } from './api-worker.ts';
import { daysAgo } from '../support/days-ago.ts';

const LINEAR = { name: 'Linear for all', model: { kind: 'linear' } };

let api: ApiStack;
let stopWorker: () => Promise<void>;
let world: World;
let firstId: string;
let lastId: string;
let conversionId: string;
let keyOfFirst: string;

beforeAll(async () => {
  api = await startApi();
  stopWorker = await startApiWorker(api);
  world = new World(api.pool, api.programId);
  ({ partnerId: firstId } = await aPartner(api.pool, api.programId, { contractFrom: daysAgo(9) }));
  ({ partnerId: lastId } = await aPartner(api.pool, api.programId, { contractFrom: daysAgo(9) }));
  await world.rows('update partner set name = $2 where id = $1', [firstId, 'First Films']);
  keyOfFirst = await inTransaction(
    api.pool,
    api.programId,
    async (tx) => (await mintApiKey(tx, { name: 'Partner', role: 'partner', partnerId: firstId })).apiKey,
  );
  await world.touch({ id: 't1', partnerId: firstId, channel: 'video', occurredAt: daysAgo(6) });
  await world.touch({ id: 't2', partnerId: lastId, channel: 'article', occurredAt: daysAgo(5) });
  await world.touch({
    id: 't3',
    identity: { customerId: 'looker' },
    partnerId: firstId,
    channel: 'video',
    occurredAt: daysAgo(5),
  });
  conversionId = await world.sale('order-1', 10_000, daysAgo(4));
  await world.refund('refund-1', 'order-1', 2_000, { occurredAt: daysAgo(3) });
  await world.refund('refund-2', 'order-1', 900_000, { occurredAt: daysAgo(3) });
  await world.drain();
}, 120_000);
afterAll(async () => {
  await stopWorker();
  await api.stop();
});

const get = (path: string, key = api.keys.partner_manager) => api.send('GET', path, { key });
const post = (path: string, body: unknown, key = api.keys.partner_manager) => api.send('POST', path, { key, body });
const range = () => ({ from: daysAgo(7), to: daysAgo(0) });

describe('a conversion', () => {
  it('shows its credits, refunds, and for each touchpoint its weight or why it got none', async () => {
    const { body } = await get(`/v1/conversions/${conversionId}`);
    expect(body).toMatchObject({
      externalId: 'order-1',
      state: 'open',
      value: { minor: 10_000, currency: 'EUR' },
      remaining: { minor: 8_000, currency: 'EUR' },
      policyId: expect.stringMatching(/^pol_/),
      policyName: expect.any(String),
      policyVersion: 1,
      isReproduced: true,
      credits: [
        {
          beneficiary: { kind: 'partner', id: lastId },
          share: 1,
          value: { minor: 8_000 },
          supersededBy: null,
          policyVersion: 1,
          contractId: expect.any(String),
          contractVersion: 1,
        },
      ],
      touchpoints: [
        { id: 't1', partnerId: firstId, weight: 0, factor: 1, reason: 'zero-weight', contractVersion: 1 },
        { id: 't2', partnerId: lastId, weight: 1, factor: 1, contractVersion: 1 },
      ],
      lateEvidence: [],
      refunds: [
        { externalId: 'refund-1', state: 'applied', value: { minor: 2_000 } },
        { externalId: 'refund-2', state: 'refused' },
      ],
    });
  });

  it('is found by its external id, partner, type and time', async () => {
    const count = async (query: string) => (await get(`/v1/conversions?${query}`)).body.items.length;
    expect(await count('externalId=order-1')).toBe(1);
    expect(await count(`partnerId=${lastId}&type=purchase`)).toBe(1);
    expect(await count(`partnerId=${firstId}`)).toBe(0);
    expect(await count(`to=${encodeURIComponent(daysAgo(5))}`)).toBe(0);
  });

  it('that a partner earned nothing of is not there for it', async () => {
    expect((await get(`/v1/conversions/${conversionId}`, keyOfFirst)).status).toBe(404);
    expect((await get('/v1/conversions', keyOfFirst)).body.items).toEqual([]);
    expect((await get('/v1/conversions/cnv_nothing')).status).toBe(404);
  });
});

describe('credits', () => {
  it('are summed by channel, partner and the other facts', async () => {
    const { from, to } = range();
    const query = `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`;
    const credit = {
      conversions: 1,
      value: { minor: 8_000, currency: 'EUR' },
      commission: { minor: 800, currency: 'EUR' },
    };
    expect((await get(`/v1/attribution/credits?${query}&groupBy=channel`)).body.items).toEqual([
      { key: 'article', ...credit },
    ]);
    expect((await get(`/v1/attribution/credits?${query}&groupBy=partner`)).body.items).toEqual([
      { key: lastId, ...credit },
    ]);
    expect((await get(`/v1/attribution/credits?${query}&groupBy=odd`)).status).toBe(422);
    expect((await get(`/v1/attribution/credits?${query}`, keyOfFirst)).body.items).toEqual([]);
  });
});

describe('policies', () => {
  it('are drafted, changed while they are a draft, studied, submitted, and approved by two persons', async () => {
    const multipliers = [{ partnerId: firstId, kind: 'view', factor: 2 }];
    const drafted = await post('/v1/attribution/policies', { ...LINEAR, multipliers });
    expect(drafted.body).toMatchObject({
      ...LINEAR,
      version: 1,
      state: 'draft',
      conversionTypes: ['*'],
      effectiveFrom: null,
    });
    const { id } = drafted.body;
    const lookback = { default: 'P20D' };
    const changed = await api.send('PATCH', `/v1/attribution/policies/${id}`, {
      key: api.keys.partner_manager,
      body: { lookback },
    });
    expect(changed.body.lookback).toMatchObject(lookback);

    const asked = await post(`/v1/attribution/policies/${id}/studies`, range());
    expect(asked).toMatchObject({ status: 202, body: { state: 'queued', policyId: id, progress: { done: 0 } } });
    await eventually(async () => {
      expect((await get(`/v1/attribution/studies/${asked.body.id}`)).body.state).toBe('done');
    });
    const { body: study } = await get(`/v1/attribution/studies/${asked.body.id}`);
    expect(study.totals).toMatchObject({
      value: { before: { minor: 8_000, currency: 'EUR' }, after: { minor: 8_000 } },
      commission: { before: { minor: 800 }, after: { minor: 800 } },
    });
    expect(
      study.lines.find(({ beneficiary }: { beneficiary: { id: string } }) => beneficiary.id === firstId),
    ).toMatchObject({
      creditBefore: 0,
      creditAfter: 0.5,
      valueAfter: { minor: 4_000 },
      commissionAfter: { minor: 400 },
      difference: { minor: 400, currency: 'EUR' },
    });

    const submission = { effectiveFrom: daysAgo(-1), reason: 'First touches help too' };
    const submitted = await post(`/v1/attribution/policies/${id}/submit`, submission);
    expect(submitted).toMatchObject({ status: 202, body: { state: 'submitted', submission: { downward: 'recover' } } });
    expect((await post(`/v1/attribution/policies/${id}/submit`, submission)).body).toMatchObject({
      status: 409,
      code: 'illegal-transition',
    });
    expect(
      (await api.send('PATCH', `/v1/attribution/policies/${id}`, { key: api.keys.partner_manager, body: { lookback } }))
        .body,
    ).toMatchObject({
      status: 409,
      code: 'immutable',
    });
    await approve(id, api.keys.partner_manager2);
    await approve(id, api.keys.finance);
    await eventually(async () => {
      expect((await get(`/v1/attribution/policies/${id}`)).body).toMatchObject({
        state: 'approved',
        effectiveFrom: submission.effectiveFrom,
      });
    });
  });

  /** Approves the step that is open, as soon as it is. */
  async function approve(policyId: string, key: string | undefined): Promise<void> {
    await eventually(async () => {
      const { body } = await get(`/v1/tasks?kind=policy.approval&state=open&subjectId=${policyId}`);
      expect(body.items[0]?.data.changes).toEqual([
        'The model: last → linear.',
        `New: views of the partner First Films (${firstId}) count 2 times.`,
        'The lookback of views: 1 day → none of its own.',
        'The lookback: 30 days → 20 days.',
      ]);
      const reply = await post(`/v1/tasks/${body.items[0]?.id}/complete`, { outcome: 'approve' }, key);
      expect(reply.status).toBe(200);
    });
  }

  it('are the managers’ to draft', async () => {
    expect((await post('/v1/attribution/policies', LINEAR, api.keys.finance)).status).toBe(403);
    expect((await post('/v1/attribution/policies/pol_x/submit', {}, api.keys.partner_manager)).status).toBe(404);
    expect((await get('/v1/attribution/policies', keyOfFirst)).status).toBe(403);
  });

  it('refuse a re-evaluation that begins after the policy does, dates far ahead, and a case that is not there', async () => {
    const { body } = await post('/v1/attribution/policies', { ...LINEAR, name: 'Late' });
    const submit = (more: object) =>
      post(`/v1/attribution/policies/${body.id}/submit`, { effectiveFrom: daysAgo(-1), reason: 'Why', ...more });
    expect((await submit({ reevaluateFrom: daysAgo(-2) })).body).toMatchObject({
      status: 422,
      errors: [{ path: 'reevaluateFrom' }],
    });
    expect((await submit({ effectiveFrom: '2099-01-01T00:00:00Z' })).body).toMatchObject({
      status: 422,
      errors: [{ path: 'effectiveFrom', message: expect.stringContaining('the next 10 years') }],
    });
    expect((await submit({ feedbackId: newId('feedback') })).body).toMatchObject({
      status: 422,
      errors: [{ path: 'feedbackId' }],
    });
    expect((await get(`/v1/attribution/policies/${body.id}`)).body.state).toBe('draft');
  });
});

describe('fits and comparisons', () => {
  it('count a conversion and a person who only looked, from a range', async () => {
    const { body } = await post('/v1/attribution/fits', { source: range(), method: 'markov' });
    expect(body).toMatchObject({ conversionProbability: 0.5, states: 2, milliseconds: expect.any(Number) });
    const sum = body.channels.reduce((all: number, { conversions }: { conversions: number }) => all + conversions, 0);
    expect(sum).toBeCloseTo(1, 9);
    const shapley = await post('/v1/attribution/fits', { source: range(), method: 'shapley' });
    expect(shapley.body.channels).toMatchObject([
      { channel: 'article', conversions: 0.5, value: 40 },
      { channel: 'video', conversions: 0.5, value: 40 },
    ]);
  });

  it('set models side by side, in the order asked', async () => {
    const models = ['first', 'last', { kind: 'time-decay', halfLife: 'P1D' }, 'shapley'];
    const { body } = await post('/v1/attribution/compare', { source: range(), models });
    expect(body.models.map(({ model }: { model: string }) => model)).toEqual([
      'first',
      'last',
      'time-decay',
      'shapley',
    ]);
    expect(body.models[0].channels[0]).toMatchObject({ channel: 'video', conversions: 1, share: 1 });
    expect(body.models[1].channels[0]).toMatchObject({ channel: 'article', conversions: 1 });
    expect(body.models[2].channels[0].conversions).toBeCloseTo(2 / 3, 5);
  });

  it('read imported paths, which have no times', async () => {
    const importId = newId('import');
    await world.rows(
      `insert into import (program_id, id, kind, format, state, created_by) values ($1, $2, 'journeys', 'csv', 'done', 'test')`,
      [api.programId, importId],
    );
    await world.rows(
      `insert into import_journey (program_id, import_id, line, path, conversions, value, nulls) values ($1, $2, 2, '{a,b}', 3, 30.5, 1)`,
      [api.programId, importId],
    );
    const source = { importId };
    expect((await post('/v1/attribution/fits', { source, method: 'markov', order: 2 })).body).toMatchObject({
      conversionProbability: 0.75,
    });
    expect(
      (await post('/v1/attribution/compare', { source, models: [{ kind: 'time-decay', halfLife: 'P1D' }] })).body,
    ).toMatchObject({ status: 422, errors: [{ path: 'models.0' }] });
  });

  it.each([
    [{ method: 'markov', order: 5 }, 'order'],
    [{ method: 'shapley', order: 1 }, 'order'],
    [{ method: 'odd' }, 'method'],
    [{ source: { importId: 'imp_x' }, method: 'markov' }, 'source.importId'],
  ])('refuse %j', async (change, path) => {
    const { body } = await post('/v1/attribution/fits', { source: range(), ...change });
    expect(body).toMatchObject({ status: 422, errors: [{ path }] });
  });
});
