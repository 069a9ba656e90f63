import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mintApiKey } from '../../db/queries/api-key.ts';
import { sealEvents } from '../../db/queries/event-chain.ts';
import { inTransaction } from '../../db/transaction.ts';
import { World } from '../activities/attribution/world.ts';
import { aPartner } from '../support/ground.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { aStatedCommission } from './stated.ts';
import { daysAgo } from '../support/days-ago.ts';

const OK = { chain: 'ok', ledger: 'ok', recomputation: 'ok' };

let api: ApiStack;
let world: World;
let partnerId: string;
let conversionId: string;
let payoutId: string;

beforeAll(async () => {
  api = await startApi();
  world = new World(api.pool, api.programId);
  ({ partnerId } = await aPartner(api.pool, api.programId, { contractFrom: daysAgo(9) }));
  await world.touch({ id: 't1', partnerId, channel: 'video', occurredAt: daysAgo(6) });
  conversionId = await world.sale('order-1', 10_000, daysAgo(4));
  await world.drain();
  ({ payoutId } = await aStatedCommission(api.pool, api.programId, { partnerId, approvedBy: api.people.finance! }));
  while ((await sealEvents(api.pool, api.programId)) > 0);
}, 60_000);
afterAll(() => api.stop());

const get = (path: string, key = api.keys.auditor, accept = 'application/json') =>
  api.send('GET', path, { key, headers: { accept } });

describe('a dossier', () => {
  it('of a partner holds contract, money, decisions and record, and verifies', async () => {
    const { status, body } = await get(`/v1/dossiers/partner/${partnerId}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      kind: 'partner',
      id: partnerId,
      verification: OK,
      partner: { id: partnerId, status: 'active' },
      contracts: [{ version: 1, hash: expect.any(String) }],
      commissions: [{ conversionId, amount: { minor: 1_000 }, state: 'payable' }],
      payouts: [{ id: payoutId, attempts: [{ kind: 'send' }] }],
      statements: [{ amount: { minor: 1_000, currency: 'EUR' } }],
      chainHead: { hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(body.ledgerEntries[0].postings).toHaveLength(2);
  });

  it('of a conversion holds its touchpoints, its credits and the policy that made them', async () => {
    const { body } = await get(`/v1/dossiers/conversion/${conversionId}`);
    expect(body).toMatchObject({
      verification: OK,
      conversion: {
        externalId: 'order-1',
        policyVersion: 1,
        isReproduced: true,
        touchpoints: [{ id: 't1', weight: 1, factor: 1, contractVersion: 1 }],
        credits: [{ share: 1, contractVersion: 1 }],
      },
      policies: [{ model: { kind: 'last' } }],
      commissions: [{ amount: { minor: 1_000 } }],
      contracts: [{ partnerId }],
    });
  });

  it('of a conversion names who said which ids are of its person, taken back or not, and nobody of another person', async () => {
    const send = async (noun: string, key: string | undefined, item: object) => {
      const { body } = await api.send('POST', `/v1/${noun}`, { key, body: { items: [item] } });
      expect(body.results).toMatchObject([{ status: 'accepted' }]);
      return body.results[0].id;
    };
    const sale = { type: 'purchase', value: { minor: 500, currency: 'EUR' }, occurredAt: daysAgo(2) };
    const said = { occurredAt: daysAgo(3) };
    await send('identities', api.keys.machine, { ...said, customerId: 'told-1', visitorId: 'told-v' });
    await send('identities', api.keys.owner, { ...said, customerId: 'told-2', visitorId: 'told-w' });
    // Further ids of the same person: by a call that names one of the others alone, and by an order.
    await send('identities', api.keys.developer, { ...said, visitorId: 'told-v', emailHash: 'told-hash' });
    await send('conversions', api.keys.developer, {
      ...{ ...sale, externalId: 'told-3' },
      identity: { emailHash: 'told-hash', customerId: 'told-4' },
    });
    const id = await send('conversions', api.keys.machine, {
      ...sale,
      ...{ externalId: 'told-1', identity: { customerId: 'told-1' } },
    });
    await world.drain();
    const senders = async () => {
      const { events } = (await get(`/v1/dossiers/conversion/${id}`)).body;
      const received = events.filter(({ kind }: any) => kind.endsWith('.received'));
      return received.map(({ kind, actor }: any) => `${kind} ${actor.id ?? actor.kind}`);
    };
    const { developer } = api.people;
    const all = [
      expect.stringMatching(/^identity\.received (?!per_)/),
      `identity.received ${developer}`,
      `conversion.received ${developer}`,
      expect.stringMatching(/^conversion\.received (?!per_)/),
    ];
    expect(await senders()).toEqual(all);
    const { body: merges } = await get(`/v1/identity-merges?conversionId=${id}`, api.keys.owner);
    const { id: merge } = merges.items.find(({ a, b }: any) => [a, b].some(({ kind }) => kind === 'email'));
    const undone = await api.send('POST', `/v1/identity-merges/${merge}/undo`, {
      key: api.keys.owner,
      body: { reason: 'Another person.' },
    });
    expect(undone.status).toBe(200);
    await world.drain();
    expect(await senders()).toEqual(all);
  });

  it('of a conversion names who sent it, its refunds and its touchpoints, wherever in a batch they stood', async () => {
    const send = async (noun: string, key: string | undefined, items: object[]) => {
      const { body } = await api.send('POST', `/v1/${noun}`, { key, body: { items } });
      expect(body.results.map(({ status }: any) => status)).toEqual(items.map(() => 'accepted'));
      return body.results.map(({ id }: any) => id);
    };
    const [identity, other] = [{ customerId: 'sent-2' }, { customerId: 'sent-1' }];
    const touch = { channel: 'video', kind: 'click', occurredAt: daysAgo(3) };
    await send('touchpoints', api.keys.machine, [
      { ...touch, identity: other },
      { ...touch, identity },
    ]);
    const sale = { type: 'purchase', value: { minor: 500, currency: 'EUR' }, occurredAt: daysAgo(2) };
    const [, sentId] = await send('conversions', api.keys.developer, [
      { ...sale, externalId: 'sent-1', identity: other },
      { ...sale, externalId: 'sent-2', identity },
    ]);
    const refund = { reason: 'Returned', occurredAt: daysAgo(1) };
    await send('refunds', api.keys.owner, [
      { ...refund, externalId: 'back-1', conversionExternalId: 'sent-1' },
      { ...refund, externalId: 'back-2', conversionExternalId: 'sent-2' },
    ]);
    await send('conversions', api.keys.owner, [{ ...sale, externalId: 'sent-3', identity }]);
    await world.drain();
    const { events } = (await get(`/v1/dossiers/conversion/${sentId}`)).body;
    const received = events.filter(({ kind }: any) => kind.endsWith('.received'));
    const developer = { kind: 'person', id: api.people.developer };
    expect(received).toMatchObject([
      { kind: 'touchpoint.received', actor: { kind: 'key' }, text: 'Touchpoints received from Machine: 2.' },
      {
        kind: 'conversion.received',
        actor: developer,
        text: expect.stringMatching(/^Conversions received from .+: 2\.$/),
      },
      { kind: 'refund.received', actor: { kind: 'person', id: api.people.owner } },
    ]);
  });

  it('of a payout holds its statement with every line, and who approved it', async () => {
    const { body } = await get(`/v1/dossiers/payout/${payoutId}`);
    expect(body).toMatchObject({
      verification: OK,
      payout: { id: payoutId, approvedBy: api.people.finance, releasedBy: null },
      statement: { lines: [{ conversionExternalId: 'order-1', amount: { minor: 1_000 } }] },
      commissions: [{ conversionId }],
    });
  });

  it.each(['partner', 'conversion', 'payout'])('of a %s is a PDF as well', async (kind) => {
    const id = { partner: partnerId, conversion: conversionId, payout: payoutId }[kind];
    const reply = await get(`/v1/dossiers/${kind}/${id}`, api.keys.auditor, 'application/pdf');
    expect(reply.headers.get('content-type')).toBe('application/pdf');
    expect(reply.text.startsWith('%PDF-')).toBe(true);
  });

  it('is for the team: not there for another program, refused to a partner', async () => {
    const other = await api.anotherProgram();
    expect((await get(`/v1/dossiers/partner/${partnerId}`, other.keys.owner)).status).toBe(404);
    const partnerKey = await inTransaction(
      api.pool,
      api.programId,
      async (tx) => (await mintApiKey(tx, { name: 'P', role: 'partner', partnerId })).apiKey,
    );
    expect((await get(`/v1/dossiers/partner/${partnerId}`, partnerKey)).status).toBe(403);
    expect((await get('/v1/dossiers/payout/pay_x')).status).toBe(404);
  });
});

describe('a dossier after somebody changed the past', () => {
  const verification = async () => (await get(`/v1/dossiers/partner/${partnerId}`)).body.verification;

  it('names the entry of the ledger that does not balance', async () => {
    await world.rows(
      `insert into ledger_entry (program_id, id, kind, cause, at) values ($1, 'ent_odd', 'earned', 'odd', now())`,
      [api.programId],
    );
    expect(await verification()).toEqual({ ...OK, ledger: expect.stringContaining('ent_odd') });
  });

  it('names the commission that the rules do not give', async () => {
    const odd = JSON.stringify({ id: 'com_odd', revision: 2, total_after_minor: 1_500 });
    await world.rows('insert into commission select (jsonb_populate_record(c, $1::jsonb)).* from commission c', [odd]);
    expect((await verification()).recomputation).toContain(
      `has 1500 for conversion ${conversionId}, and the rules give 1000`,
    );
  });

  it('names the event that is missing from the chain', async () => {
    await world.rows(
      `insert into event (program_id, id, at, kind, actor_kind, subject_type, subject_id, data, digest) values ($1, 'evt_odd', now(), 'odd', 'system', 'program', $1, '{}', '')`,
      [api.programId],
    );
    expect((await verification()).chain).toContain('evt_odd');
  });
});
