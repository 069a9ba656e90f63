import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../db/ids.ts';
import { World } from '../activities/attribution/world.ts';
import { aPartner } from '../support/ground.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';

const DAY_MS = 86_400_000;
const NOW = Date.now();
const daysAgo = (days: number) => new Date(NOW - days * DAY_MS).toISOString();
const range = { from: daysAgo(7), to: daysAgo(0) };
const query = `from=${range.from}&to=${range.to}`;

let api: ApiStack;
let world: World;
let creatorId: string;
let agencyId: string;
let importId: string;

const get = (path: string, headers?: Record<string, string>) =>
  api.send('GET', path, { key: api.keys.partner_manager, headers });
const post = (path: string, body: unknown) => api.send('POST', path, { key: api.keys.partner_manager, body });

beforeAll(async () => {
  api = await startApi();
  world = new World(api.pool, api.programId);
  ({ partnerId: creatorId } = await aPartner(api.pool, api.programId, { contractFrom: daysAgo(9) }));
  ({ partnerId: agencyId } = await aPartner(api.pool, api.programId, { type: 'agency', contractFrom: daysAgo(9) }));
  await world.rows('update partner set name = $2 where id = $1', [agencyId, '=1+1']);
  const video = { partnerId: creatorId, channel: 'video' };
  const blog = { partnerId: agencyId, channel: 'blog' };
  const of = (customerId: string) => ({ identity: { customerId } });
  await world.touch(
    { id: 't1', ...video, occurredAt: daysAgo(6) },
    { id: 't2', channel: 'email', occurredAt: daysAgo(5) },
    { id: 't3', ...blog, occurredAt: daysAgo(4.5) },
    { id: 't4', ...of('second'), ...video, occurredAt: daysAgo(5) },
    { id: 't5', ...of('looker'), ...video, occurredAt: daysAgo(5) },
  );
  await world.sale('order-1', 10_000, daysAgo(4));
  await world.sale('order-2', 2_000, daysAgo(4), of('second'));
  await world.sale('order-3', 1_000, daysAgo(4), of('untouched'));
  await world.drain();
  importId = newId('import');
  await world.rows(
    `insert into import (program_id, id, kind, format, state, created_by) values ($1, $2, 'journeys', 'csv', 'done', 'test')`,
    [api.programId, importId],
  );
  await world.rows(
    `insert into import_journey (program_id, import_id, line, path, conversions, value, nulls)
     values ($1, $2, 2, '{a,b}', 60, 600, 40), ($1, $2, 3, '{b}', 40, 400, 60)`,
    [api.programId, importId],
  );
}, 120_000);
afterAll(() => api?.stop());

describe('a fit', () => {
  it('lists its transitions, and intervals of shares by a seed', async () => {
    const ask = { source: { importId }, method: 'markov', bootstrap: { samples: 200, seed: 3 } };
    const { body } = await post('/v1/attribution/fits', ask);
    expect(body).toMatchObject({ conversionProbability: 0.5, states: 2, transitionsTotal: 5 });
    expect(body.transitions).toContainEqual({ from: 'START', to: 'a', probability: 0.5, count: 100 });
    expect(body.transitions).toContainEqual({ from: 'b', to: 'CONVERSION', probability: 0.5, count: 100 });
    for (const { share, interval } of body.channels) {
      expect(interval.low).toBeLessThan(share);
      expect(interval.high).toBeGreaterThan(share);
    }
    const again = await post('/v1/attribution/fits', ask);
    expect(again.body.channels).toEqual(body.channels);
  });

  it.each([
    [{ bootstrap: { samples: 1_001 } }, 'bootstrap.samples'],
    [{ bootstrap: { samples: 10, seed: -1 } }, 'bootstrap.seed'],
    [{ method: 'shapley', order: 1 }, 'order'],
  ])('refuses %j', async (change, path) => {
    const { body } = await post('/v1/attribution/fits', { source: { importId }, method: 'markov', ...change });
    expect(body).toMatchObject({ status: 422, errors: [{ path }] });
  });
});

describe('a path with a value and no conversions', () => {
  it.each([
    ['fits', { method: 'shapley' }],
    ['fits/proposal', { method: 'markov' }],
    ['compare', { models: ['linear'] }],
  ])('is refused by its line for %s', async (route, ask) => {
    const odd = newId('import');
    await world.rows(
      `insert into import (program_id, id, kind, format, state, created_by) values ($1, $2, 'journeys', 'csv', 'done', 'test')`,
      [api.programId, odd],
    );
    await world.rows(
      `insert into import_journey (program_id, import_id, line, path, conversions, value, nulls)
       values ($1, $2, 2, '{a}', 1, 2, 0), ($1, $2, 7, '{a}', 0, 2.5, 3)`,
      [api.programId, odd],
    );
    const { body } = await post(`/v1/attribution/${route}`, { source: { importId: odd }, ...ask });
    expect(body).toMatchObject({
      status: 422,
      errors: [{ path: 'source.importId', message: expect.stringMatching(/^Line 7: .*without conversions/) }],
    });
  });
});

describe('a proposal of weights', () => {
  it('becomes a draft as it stands, frozen there', async () => {
    const { body } = await post('/v1/attribution/fits/proposal', {
      source: { importId },
      method: 'shapley',
      name: 'From a fit',
    });
    // Credit per touch: a 30 of 60, b 70 of 100; scaled to a mean of 1.
    expect(body).toMatchObject({
      model: { kind: 'weights', weights: { a: 0.833333333, b: 1.166666667 } },
      raised: [],
      note: expect.stringContaining('frozen'),
      conversionProbability: 0.5,
    });
    const draft = await post('/v1/attribution/policies', body.policy);
    expect(draft).toMatchObject({ status: 201, body: { name: 'From a fit', state: 'draft', model: body.model } });
  });

  it('is refused where nobody bought', async () => {
    const source = { from: daysAgo(30), to: daysAgo(20) };
    const { body } = await post('/v1/attribution/fits/proposal', { source, method: 'shapley' });
    expect(body).toMatchObject({ status: 422, errors: [{ path: 'source' }] });
  });
});

describe('a comparison', () => {
  it('gives by channel and by type of partner, own channels apart', async () => {
    const { body } = await post('/v1/attribution/compare', { source: range, models: ['last', 'linear', 'shapley'] });
    const [last, linear, shapley] = body.models;
    expect(last.partnerTypes).toMatchObject([
      { partnerType: 'agency', conversions: 1, value: 100 },
      { partnerType: 'creator', conversions: 1, value: 20 },
      { partnerType: null, conversions: 0 },
    ]);
    expect(linear.channels.map(({ channel }: { channel: string }) => channel)).toEqual(['video', 'blog', 'email']);
    expect(linear.partnerTypes[0]).toMatchObject({ partnerType: 'creator' });
    expect(linear.partnerTypes[0].conversions).toBeCloseTo(4 / 3, 9);
    expect(shapley.partnerTypes[0]).toMatchObject({ partnerType: 'creator' });
  });

  it('says what nobody touched, in the program’s currency, and what nobody is given', async () => {
    const models = ['linear', 'shapley', { kind: 'weights', weights: { video: 1 } }, { kind: 'weights', weights: {} }];
    const { body } = await post('/v1/attribution/compare', { source: range, models });
    const untouched = { conversions: 1, value: 10, share: 1 / 3 };
    const all = { conversions: 3, value: 130, share: 1 };
    const unattributed = body.models.map((model: { unattributed: object }) => model.unattributed);
    expect(unattributed).toEqual([untouched, untouched, untouched, all]);
    expect(body.models[2].channels[0]).toMatchObject({ channel: 'video', conversions: 2, value: 120, share: 2 / 3 });
  });

  it('of imported paths knows channels only', async () => {
    const { body } = await post('/v1/attribution/compare', { source: { importId }, models: ['linear'] });
    expect(body.models[0].channels).toHaveLength(2);
    expect(body.models[0].partnerTypes).toBeUndefined();
  });
});

describe('the journeys report', () => {
  it('shows paths, lengths, times, assists, and who introduces and who closes', async () => {
    const { body } = await get(`/v1/reports/journeys?${query}`);
    expect(body).toMatchObject({
      conversions: 3,
      journeys: 2,
      paths: [
        { path: ['video'], isCut: false, journeys: 1, share: 0.5 },
        { path: ['video', 'email', 'blog'], journeys: 1 },
      ],
      lengths: [
        { touchpoints: 1, journeys: 1 },
        { touchpoints: 3, journeys: 1 },
      ],
      timeToConvert: { medianSeconds: 1.5 * 86_400, p90Seconds: 1.9 * 86_400 },
      channels: [
        { channel: 'video', journeys: 2, assisted: 1, first: 2, last: 1 },
        { channel: 'blog', journeys: 1, assisted: 0, first: 0, last: 1 },
        { channel: 'email', journeys: 1, assisted: 1, first: 0, last: 0 },
      ],
    });
    expect(body.timeToConvert.buckets).toEqual([
      { upTo: 'PT1H', journeys: 0 },
      { upTo: 'P1D', journeys: 0 },
      { upTo: 'P3D', journeys: 2 },
      { upTo: 'P7D', journeys: 0 },
      { upTo: 'P14D', journeys: 0 },
      { upTo: 'P30D', journeys: 0 },
    ]);
    expect(body.partners).toMatchObject([
      { partnerId: creatorId, journeys: 2, assisted: 1, first: 2, last: 1 },
      { partnerId: agencyId, name: '=1+1', journeys: 1, assisted: 0, first: 0, last: 1 },
    ]);
    // Ids grow with time, and the creator was made first.
    expect(body.overlaps).toEqual([
      {
        partnerId: creatorId,
        otherId: agencyId,
        journeys: 1,
        introduces: 1,
        otherIntroduces: 0,
        closes: 0,
        otherCloses: 1,
      },
    ]);
  });

  it('is a table too, in which a name is no formula', async () => {
    const { text, headers } = await get(`/v1/reports/journeys?${query}`, { accept: 'text/csv' });
    expect(headers.get('content-type')).toContain('text/csv');
    const lines = text.split('\r\n');
    expect(lines[0]).toBe('part,of,beside,figure,value');
    expect(lines).toContain('path,video > email > blog,,journeys,1');
    expect(lines).toContain(`partner,${agencyId},'=1+1,last,1`);
  });

  it('counts nothing older than 30 days, voided, or of somebody else, and shows the first 20 steps of a longer path', async () => {
    const long = { identity: { customerId: 'long' }, partnerId: creatorId };
    const steps = Array.from({ length: 25 }, (_, index) => ({
      ...long,
      id: `long-${index}`,
      channel: index % 2 === 0 ? 'video' : 'story',
      occurredAt: daysAgo(45 - index),
    }));
    await world.touch(
      ...steps,
      { ...long, id: 'too-old', channel: 'old', occurredAt: daysAgo(50.5) },
      { ...long, id: 'voided', channel: 'void', occurredAt: daysAgo(30) },
      { id: 'other', identity: { customerId: 'other' }, channel: 'other', occurredAt: daysAgo(30) },
    );
    await world.rows(
      `insert into touchpoint_void (program_id, touchpoint_id, reason, approved_by, received_at) values ($1, 'voided', 'r', 'per_x', now())`,
      [api.programId],
    );
    await world.sale('order-long', 700, daysAgo(20), { identity: { customerId: 'long' } });
    const { body } = await get(`/v1/reports/journeys?from=${daysAgo(20.5)}&to=${daysAgo(19.5)}`);
    expect(body).toMatchObject({
      journeys: 1,
      paths: [{ isCut: true, journeys: 1, path: steps.slice(0, 20).map(({ channel }) => channel) }],
      lengths: [{ touchpoints: 20, journeys: 1 }],
      timeToConvert: { medianSeconds: 25 * 86_400 },
      channels: [
        { channel: 'story', journeys: 1, assisted: 1, first: 0, last: 0 },
        { channel: 'video', journeys: 1, assisted: 0, first: 1, last: 1 },
      ],
      overlaps: [],
    });
  });

  it('is empty, not wrong, where nothing happened, and bounded', async () => {
    const { body } = await get(`/v1/reports/journeys?from=${daysAgo(60)}&to=${daysAgo(50)}`);
    expect(body).toMatchObject({ conversions: 0, journeys: 0, paths: [], overlaps: [], timeToConvert: null });
    const one = await get(`/v1/reports/journeys?${query}&most=1`);
    expect(one.body.channels).toHaveLength(1);
    expect((await get(`/v1/reports/journeys?from=${range.to}&to=${range.from}`)).body).toMatchObject({
      status: 422,
      errors: [{ path: 'to' }],
    });
  });
});

describe('merges of a person', () => {
  const merges = (query: string) => get(`/v1/identity-merges?${query}`);

  it('are listed with their cause, and taken back with a reason, once', async () => {
    const touched = { identity: { visitorId: 'v', customerId: 'merged' }, partnerId: creatorId, channel: 'video' };
    await world.touch({ id: 't9', ...touched, occurredAt: daysAgo(2) });
    await world.sale('order-9', 500, daysAgo(1), { identity: { customerId: 'merged' } });
    await world.drain();
    expect(await world.credits('order-9')).toEqual({ [creatorId]: 500 });
    const listed = await merges('customerId=merged');
    expect(listed.body.items).toMatchObject([{ cause: 'touchpoint/t9', refusedReason: null, undo: null }]);
    const [{ id, a, b }] = listed.body.items;
    expect([a.kind, b.kind].sort()).toEqual(['customer', 'visitor']);

    const undo = (key: string | undefined) =>
      api.send('POST', `/v1/identity-merges/${id}/undo`, { key, body: { reason: 'A shared device' } });
    expect((await undo(api.keys.finance)).status).toBe(403);
    const undone = await undo(api.keys.partner_manager);
    expect(undone.body).toMatchObject({ id, undo: { reason: 'A shared device', by: api.people.partner_manager } });
    expect((await undo(api.keys.partner_manager)).body).toMatchObject({ status: 409, code: 'illegal-transition' });
    await world.drain();
    // The touchpoint was the visitor's first of all; the customer is another person now.
    expect(Object.keys(await world.credits('order-9'))).toEqual(['unattributed']);
    expect((await merges(`identityId=${a.id}`)).body.items).toMatchObject([
      { id, undo: { reason: 'A shared device' } },
    ]);
  });

  it.each(['', 'customerId=a&visitorId=b'])('need one person: "%s"', async (query) => {
    expect((await merges(query)).body).toMatchObject({ status: 422, errors: [{ path: 'customerId' }] });
  });
});
