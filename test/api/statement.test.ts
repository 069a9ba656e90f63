import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { showCommission } from '../../api/routes/commissions.ts';
import type { CommissionView } from '../../db/queries/commission-read.ts';
import { mintApiKey } from '../../db/queries/api-key.ts';
import { inTransaction } from '../../db/transaction.ts';
import { World } from '../activities/attribution/world.ts';
import { aPartner } from '../support/ground.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { aStatedCommission } from './stated.ts';
import { daysAgo } from '../support/days-ago.ts';

let api: ApiStack;
let partnerId: string;
let statementId: string;
let payoutId: string;
let ownKey: string;
let otherKey: string;

beforeAll(async () => {
  api = await startApi();
  const world = new World(api.pool, api.programId);
  ({ partnerId } = await aPartner(api.pool, api.programId, { contractFrom: daysAgo(9) }));
  const { partnerId: otherId } = await aPartner(api.pool, api.programId, { contractFrom: daysAgo(9) });
  [ownKey, otherKey] = await inTransaction(api.pool, api.programId, async (tx) => [
    (await mintApiKey(tx, { name: 'Own', role: 'partner', partnerId })).apiKey,
    (await mintApiKey(tx, { name: 'Other', role: 'partner', partnerId: otherId })).apiKey,
  ]);
  await world.touch({ id: 't1', partnerId, channel: 'video', occurredAt: daysAgo(6) });
  await world.sale('order-1', 10_000, daysAgo(4));
  await world.drain();
  const approvedBy = api.people.finance!;
  ({ statementId, payoutId } = await aStatedCommission(api.pool, api.programId, { partnerId, approvedBy }));
}, 60_000);
afterAll(() => api.stop());

const get = (path: string, key = ownKey, accept = 'application/json') =>
  api.send('GET', path, { key, headers: { accept } });

describe('a statement', () => {
  it('shows its totals, and each line with conversion, rule, versions and expected pay date', async () => {
    const eur = (minor: number) => ({ minor, currency: 'EUR' });
    const { body } = await get(`/v1/statements/${statementId}`);
    expect(body).toMatchObject({
      state: 'approved',
      net: eur(1_000),
      vat: eur(0),
      gross: eur(1_000),
      carryIn: eur(0),
      carryOut: eur(0),
      amount: eur(1_000),
      lines: [
        {
          conversionExternalId: 'order-1',
          amount: eur(1_000),
          contractVersion: 1,
          policyId: expect.stringMatching(/^pol_/),
          expectedPayAt: '2026-11-20T00:00:00Z',
        },
      ],
      payouts: [{ id: payoutId, state: 'approved' }],
    });
    expect((await get('/v1/statements')).body.items).toMatchObject([{ id: statementId }]);
    expect((await get(`/v1/commissions?statementId=${statementId}`)).body.items).toMatchObject([
      { state: 'payable', expectedPayAt: '2026-11-20T00:00:00Z' },
    ]);
  });

  it('is a PDF as well; there is no UBL yet, and it says so', async () => {
    const pdf = await get(`/v1/statements/${statementId}`, ownKey, 'application/pdf');
    expect(pdf.headers.get('content-type')).toBe('application/pdf');
    expect(pdf.text.startsWith('%PDF-')).toBe(true);
    expect((await get(`/v1/statements/${statementId}`, ownKey, 'application/xml')).status).toBe(404);
  });

  it('and its payout are not there for another partner', async () => {
    expect((await get(`/v1/statements/${statementId}`, otherKey)).status).toBe(404);
    expect((await get(`/v1/payouts/${payoutId}`, otherKey)).status).toBe(404);
    expect((await get(`/v1/statements?partnerId=${partnerId}`, otherKey)).body.items).toEqual([]);
    expect((await get(`/v1/payouts?partnerId=${partnerId}`, otherKey)).body.items).toEqual([]);
  });
});

describe('a payout', () => {
  it('shows who approved it and every attempt, and no account', async () => {
    const { body } = await get(`/v1/payouts/${payoutId}`);
    expect(body).toMatchObject({
      ...{ partnerId, statementId, state: 'approved', approvedBy: api.people.finance, releasedBy: null },
      amount: { minor: 1_000, currency: 'EUR' },
      attempts: [{ no: 1, kind: 'send', result: 'started' }],
    });
    expect(body.detailsHash).toBeUndefined();
  });

  it('is found in the time that it was made', async () => {
    const count = async (query: string) => (await get(`/v1/payouts?${query}`)).body.items.length;
    expect(await count(`from=${encodeURIComponent(daysAgo(1))}`)).toBe(1);
    expect(await count(`to=${encodeURIComponent(daysAgo(1))}`)).toBe(0);
  });
});

describe('the expected pay date of a commission', () => {
  const calendar = { period: 'monthly', lockAfter: 'P27D', payAfter: 'P20D' };
  const january = { locksAt: '2026-02-28T00:00:00Z', windowPayAt: '2026-03-20T00:00:00Z', timeZone: 'UTC', calendar };
  const expected = (more: Partial<CommissionView>) =>
    Date.parse(showCommission({ ...january, statementPayAt: null, ...more } as CommissionView).expectedPayAt!);

  it('is that of its window, when its hold is over before the lock', () => {
    expect(expected({ payableFrom: '2026-02-01T00:00:00Z' })).toBe(Date.parse('2026-03-20T00:00:00Z'));
  });

  it('is 20 April for a sale on 30 January with a hold of 60 days', () => {
    expect(expected({ payableFrom: '2026-03-31T12:00:00Z' })).toBe(Date.parse('2026-04-20T00:00:00Z'));
  });

  it('is that of its statement, once it is on one', () => {
    const statementPayAt = '2026-05-20T00:00:00Z';
    expect(expected({ payableFrom: '2026-03-31T12:00:00Z', statementPayAt })).toBe(Date.parse(statementPayAt));
  });
});
