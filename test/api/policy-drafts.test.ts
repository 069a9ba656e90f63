import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../db/ids.ts';
import { insertPolicyPeriods } from '../../db/queries/policy.ts';
import { insertPolicyDraft, lockPolicy } from '../../db/queries/policy-version.ts';
import { inTransaction } from '../../db/transaction.ts';
import { readPolicy } from '../../domain/attribution/policy-document.ts';
import { daysAgo } from '../support/days-ago.ts';
import { eventually } from '../support/eventually.ts';
import { hold } from '../db/concurrency/held.ts';
import { aPartner } from '../support/ground.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';

const LINEAR = { name: 'Linear for all', model: { kind: 'linear' } };

let api: ApiStack;
let partnerId: string;

beforeAll(async () => {
  api = await startApi();
  ({ partnerId } = await aPartner(api.pool, api.programId));
}, 120_000);
afterAll(() => api.stop());

const get = (path: string) => api.send('GET', path, { key: api.keys.partner_manager });
const post = (path: string, body: unknown) => api.send('POST', path, { key: api.keys.partner_manager, body });

describe('drafts of policies', () => {
  it.each([
    [{ model: { kind: 'position', first: 0.9, last: 0.9 } }, 'model'],
    [{ model: { kind: 'odd' } }, 'model.kind'],
    [{ multipliers: [{ channel: 'video', factor: 2 }], model: { kind: 'last' } }, 'multipliers'],
    [{ perPartnerShare: 2 }, 'perPartnerShare'],
    [{ lookback: { default: '30 days' } }, 'lookback.default'],
    [{ multipliers: [{ factor: 1e-10 }] }, 'multipliers.0.factor'],
    [{ odd: 1 }, 'odd'],
    [{ name: '' }, 'name'],
    [{ conversionTypes: ['sale', 'sale'] }, 'conversionTypes.1'],
    [
      {
        multipliers: [
          { market: 'DE', factor: 2 },
          { market: 'nowhere', factor: 2 },
        ],
      },
      'multipliers.1.market',
    ],
    [{ exclusions: [{ partnerId: 'prt_nobody', mode: 'always' }] }, 'exclusions.0.partnerId'],
    [{ multipliers: [{ factor: 2 }, { partnerId: 'prt_nobody', factor: 2 }] }, 'multipliers.1.partnerId'],
  ])('refuse %j', async (change, path) => {
    const { body } = await post('/v1/attribution/policies', { ...LINEAR, ...change });
    expect(body).toMatchObject({ status: 422 });
    expect(body.errors[0].path.startsWith(path)).toBe(true);
  });

  it('lose an optional field of a draft by null, and take a partner who is there', async () => {
    const optional = { minimumAge: 'PT1M', maximumAge: 'P9D', perPartnerShare: 0.5 };
    const { body: draft } = await post('/v1/attribution/policies', {
      ...LINEAR,
      name: 'Lighter',
      ...optional,
      exclusions: [{ partnerId, mode: 'unless-only' }],
    });
    expect(draft).toMatchObject(optional);
    const change = (body: object) =>
      api.send('PATCH', `/v1/attribution/policies/${draft.id}`, { key: api.keys.partner_manager, body });
    const { body: lighter } = await change({ minimumAge: null, perPartnerShare: null });
    expect(lighter).toMatchObject({ maximumAge: 'P9D', exclusions: [{ partnerId }] });
    expect(Object.keys(lighter)).not.toEqual(expect.arrayContaining(['minimumAge']));
    expect(Object.keys(lighter)).not.toEqual(expect.arrayContaining(['perPartnerShare']));
    expect((await change({ maximumAge: null })).body.maximumAge).toBeUndefined();
    expect((await change({ lookback: null })).status).toBe(422);
  });

  it('made under one name at once become its versions, and so do drafts that are renamed at once', async () => {
    const names = ['Same', 'Same', 'Same', 'Same', 'One', 'Two', 'Three'];
    const made = await Promise.all(names.map((name) => post('/v1/attribution/policies', { ...LINEAR, name })));
    const versions = made.slice(0, 4).map(({ body }) => body.version);
    expect(versions.sort()).toEqual([1, 2, 3, 4]);
    const renamed = await Promise.all(
      made.slice(4).map(({ body }) =>
        api.send('PATCH', `/v1/attribution/policies/${body.id}`, {
          key: api.keys.partner_manager,
          body: { name: 'Same' },
        }),
      ),
    );
    expect(renamed.map(({ body }) => body.version).sort()).toEqual([5, 6, 7]);
  });

  it('keep both of two changes that come at once', async () => {
    const { body: draft } = await post('/v1/attribution/policies', { ...LINEAR, name: 'Of two' });
    const path = `/v1/attribution/policies/${draft.id}`;
    const held = await hold(api.pool, api.programId);
    await lockPolicy(held.tx, draft.id);
    const changes = [
      { key: api.keys.partner_manager!, body: { perPartnerShare: 0.5 } },
      { key: api.keys.partner_manager2!, body: { minimumAge: 'PT1H' } },
    ].map((change) => api.send('PATCH', path, change));
    await eventually(async () => {
      const { rows } = await api.pool.query(
        `select distinct pid from pg_locks join pg_stat_activity using (pid) where datname = current_database() and not granted`,
      );
      if (rows.length !== 2) throw new Error(`${rows.length} changes wait, not 2.`);
    });
    await held.commit();
    expect((await Promise.all(changes)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await get(path)).body).toMatchObject({ perPartnerShare: 0.5, minimumAge: 'PT1H' });
  });

  it('refuse to submit a draft that could not be put in force', async () => {
    const { body: draft } = await post('/v1/attribution/policies', { ...LINEAR, name: 'Old' });
    await inTransaction(api.pool, api.programId, (tx) =>
      tx.query(
        `update attribution_policy set body = jsonb_set(body, '{conversionTypes}', '["sale", "sale"]') where id = $1`,
        [draft.id],
      ),
    );
    const { body } = await post(`/v1/attribution/policies/${draft.id}/submit`, {
      effectiveFrom: daysAgo(-1),
      reason: 'Why',
    });
    expect(body).toMatchObject({ status: 422, errors: [{ path: 'conversionTypes.1' }] });
  });

  it('come into force once for a type that an older draft names twice', async () => {
    const types = await inTransaction(api.pool, api.programId, async (tx) => {
      const body = { ...readPolicy({ ...LINEAR, name: 'Doubled' }), conversionTypes: ['sale', 'sale'] };
      const { id } = await insertPolicyDraft(tx, { id: newId('policy'), body, createdBy: 'someone' });
      const period = { id, conversionTypes: body.conversionTypes, effectiveFrom: daysAgo(-1) };
      await insertPolicyPeriods(tx, period, daysAgo(0));
      return tx.query('select conversion_type from policy_period where policy_id = $1', [id]);
    });
    expect(types.rows).toEqual([{ conversion_type: 'sale' }]);
  });
});

describe('the difference of policy versions', () => {
  it('is told in words and by field, against the version in force before unless another is named', async () => {
    const made = await post('/v1/attribution/policies', { name: 'Even', model: { kind: 'linear' } });
    const { body } = await get(`/v1/attribution/policies/${made.body.id}/diff`);
    const { items } = (await get('/v1/attribution/policies?state=active')).body;
    expect(body).toMatchObject({
      policyId: made.body.id,
      against: items[0].id,
      items: [
        { path: 'model', before: { kind: 'last' }, after: { kind: 'linear' }, text: 'The model: last → linear.' },
        { path: 'lookback.byKind.view', before: 'P1D', after: null },
      ],
    });
    const same = await get(`/v1/attribution/policies/${made.body.id}/diff?against=${made.body.id}`);
    expect(same.body.items).toEqual([]);
  });

  it('says a partner’s name beside the id, and times in words', async () => {
    await inTransaction(api.pool, api.programId, (tx) =>
      tx.query(`update partner set name = 'Anna Films' where id = $1`, [partnerId]),
    );
    const drafted = await post('/v1/attribution/policies', {
      name: 'Less of one',
      model: { kind: 'time-decay', halfLife: 'P7D' },
      multipliers: [{ partnerId: partnerId, kind: 'view', factor: 0.5 }],
    });
    const { body } = await get(`/v1/attribution/policies/${drafted.body.id}/diff`);
    const texts = body.items.map(({ text }: { text: string }) => text);
    expect(texts).toContain('The model: last → time-decay (the weight halves every 7 days).');
    expect(texts).toContain(`New: views of the partner Anna Films (${partnerId}) count 0.5 times.`);
  });

  it('needs a version to compare with', async () => {
    const { items } = (await get('/v1/attribution/policies?state=active')).body;
    for (const query of ['', '?against=pol_nothing']) {
      expect((await get(`/v1/attribution/policies/${items[0].id}/diff${query}`)).body).toMatchObject({
        status: 422,
        errors: [{ path: 'against' }],
      });
    }
  });
});
