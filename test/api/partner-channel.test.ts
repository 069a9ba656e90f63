import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../db/ids.ts';
import { mintApiKey } from '../../db/queries/api-key.ts';
import { inTransaction } from '../../db/transaction.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { insertTestPartner } from './partner-row.ts';

const ORIGIN = 'https://shop.example';
const now = () => new Date().toISOString();

let api: ApiStack;
let partnerId: string;
let otherId: string;
/** The partner's own key. */
let own: string;
beforeAll(async () => {
  api = await startApi();
  partnerId = await insertTestPartner(api.pool, api.programId, 'Mira');
  otherId = await insertTestPartner(api.pool, api.programId, 'Noah');
  const minted = await inTransaction(api.pool, api.programId, (tx) =>
    mintApiKey(tx, { name: 'Mira', role: 'partner', partnerId }),
  );
  own = minted.apiKey;
  const site = { name: 'Shop', origins: ['https://other-shop.example:8443'] };
  expect((await api.send('POST', '/v1/sites', { key: api.keys.owner, body: site })).status).toBe(201);
});
afterAll(() => api.stop());

const rows = async (text: string, values: unknown[] = []) =>
  (await inTransaction(api.pool, api.programId, (tx) => tx.query(text, values))).rows;
const link = (key: string | undefined, more: object = {}) =>
  api.send('POST', '/v1/links', { key, body: { partnerId, destination: `${ORIGIN}/`, ...more } });

describe('a partner', () => {
  it('does not name the channel in which its own clicks count; the team does', async () => {
    expect(await link(own, { channel: 'video' })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'channel' }] },
    });
    expect((await link(api.keys.partner_manager, { channel: 'video' })).body).toMatchObject({ channel: 'video' });
    expect((await link(own)).status).toBe(201);
  });

  it('sends visitors only where a site or a link of the programme leads to', async () => {
    const refused = { status: 422, body: { errors: [{ path: 'destination' }] } };
    for (const destination of [
      'https://evil.example/login',
      'https://127.0.0.1/',
      'https://sub.other-shop.example:8443/',
      'https://other-shop.example/',
      'https://evil.example/https://other-shop.example:8443/',
      'https://evil.example\\@other-shop.example:8443/',
    ])
      expect([destination, await link(own, { destination })]).toMatchObject([destination, refused]);
    expect((await link(own, { destination: 'https://Other-Shop.example:8443/x?y=1' })).status).toBe(201);
    const first = 'https://campaign.example/one';
    expect(await link(own, { destination: first })).toMatchObject(refused);
    expect((await link(api.keys.partner_manager, { destination: first })).status).toBe(201);
    expect((await link(own, { destination: 'https://campaign.example/two' })).status).toBe(201);
  });

  it('names no user before the host, nor does the team', async () => {
    for (const key of [own, api.keys.partner_manager])
      expect(await link(key, { destination: 'https://other-shop.example:8443@evil.example/' })).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'destination', message: expect.stringContaining('user name') }] },
      });
  });

  it('makes no link for another partner', async () => {
    expect(await link(own, { partnerId: otherId })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'partnerId' }] },
    });
  });

  it('makes no link for content of another partner', async () => {
    const contentOf = async (of: string) => {
      const id = newId('content');
      await inTransaction(api.pool, api.programId, (tx) =>
        tx.query(
          `insert into content (program_id, id, partner_id, title, kind, platform, state, workflow_id)
           values ($1, $2, $3, 'T', 'post', 'p', 'in_review', $2)`,
          [tx.programId, id, of],
        ),
      );
      return id;
    };
    expect(await link(own, { contentId: await contentOf(otherId) })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'contentId' }] },
    });
    expect((await link(own, { contentId: await contentOf(partnerId) })).status).toBe(201);
  });
});

describe('a page', () => {
  const site = async (rules: object = {}): Promise<string> => {
    const body = { name: 'Shop', origins: [`${ORIGIN}/`], ...rules };
    return (await api.send('POST', '/v1/sites', { key: api.keys.developer, body })).body.key;
  };
  const collect = (key: string, more: object) =>
    api.send('POST', '/v1/collect', {
      idempotencyKey: null,
      headers: { 'content-type': 'text/plain;charset=UTF-8', origin: ORIGIN },
      raw: JSON.stringify({ key, sentAt: now(), ...more }),
    });
  const click = (linkCode: string, more: object = {}) => ({
    id: randomUUID(),
    kind: 'click',
    visitorId: 'visitor-1234',
    linkCode,
    occurredAt: now(),
    consent: true,
    ...more,
  });

  it('does not name the channel in which a partner’s clicks count', async () => {
    const { code } = (await link(api.keys.partner_manager, { channel: 'video' })).body;
    const clicks = [click(code, { channel: 'podcast' }), click((await link(own)).body.code, { channel: 'podcast' })];
    const { body } = await collect(await site(), { touchpoints: clicks });
    expect(body).toMatchObject({ accepted: 2, rejected: [] });
    const ids = clicks.map(({ id }) => id);
    const stored = await rows('select channel from touchpoint where id = any ($1) order by channel', [ids]);
    expect(stored).toEqual([{ channel: 'creator' }, { channel: 'video' }]);
  });

  it('counts no reused id against a partner; a server does', async () => {
    const { code } = (await link(own)).body;
    const first = click(code);
    const again = { ...first, subId: 'another' };
    const { body } = await collect(await site(), { touchpoints: [first, again] });
    expect(body.rejected).toMatchObject([{ code: 'id-reused' }]);
    expect(await rows('select items from id_reuse')).toEqual([]);
    const { visitorId, consent, ...rest } = again;
    const item = { ...rest, identity: { visitorId }, consent: { measurement: consent } };
    await api.send('POST', '/v1/touchpoints', { key: api.keys.machine, body: { items: [item] } });
    expect(await rows('select partner_id, items from id_reuse')).toEqual([{ partner_id: partnerId, items: 1 }]);
  });

  it('names no customer of a sale where the site lets none say who its customer is', async () => {
    const sale = {
      externalId: 'of-a-page',
      visitorId: 'visitor-1234',
      customerId: 'customer-7',
      type: 'purchase',
      value: { minor: 100, currency: 'EUR' },
      occurredAt: now(),
    };
    const key = await site({ conversions: 'accept' });
    const { body } = await collect(key, { conversions: [sale] });
    expect(body).toMatchObject({ accepted: 0, rejected: [{ code: 'not-allowed' }] });
    expect(await rows(`select from identity where value = 'customer-7'`)).toEqual([]);
    const unnamed = { ...sale, customerId: undefined };
    expect((await collect(key, { conversions: [unnamed] })).body).toMatchObject({ accepted: 1 });
  });
});
