import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { mintApiKey } from '../../db/queries/api-key.ts';
import { inTransaction } from '../../db/transaction.ts';
import { World } from '../activities/attribution/world.ts';
import { aContractFact, aPartner, tenPercent } from '../support/ground.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';

let api: ApiStack;
let partnerId: string;
let key: string;

/** A contract that pays in dollars since March 2026; a sale of before that came after the lock of its window, so one in dollars holds it. */
beforeAll(async () => {
  api = await startApi();
  const { pool, programId } = api;
  const world = new World(pool, programId);
  const partner = await aPartner(pool, programId);
  ({ partnerId } = partner);
  const dollars = tenPercent('USD');
  await world.rows(
    `insert into contract_version (program_id, contract_id, version, terms, hash, body, effective_from, offered_at, offered_by)
     values ($1, $2, 2, $3, $4, '', '2026-03-10T00:00:00Z', now(), 'system')`,
    [programId, partner.contractId, dollars, canonicalJson(dollars)],
  );
  await aContractFact(pool, programId, { ...partner, kind: 'in-force', version: 2, at: '2026-03-10T00:00:00Z' });
  await world.touch({ id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' });
  await world.sale('s1', 10_000, '2026-03-15T00:00:00Z');
  await world.drain();
  key = (await inTransaction(pool, programId, (tx) => mintApiKey(tx, { name: 'Own', role: 'partner', partnerId })))
    .apiKey;
}, 60_000);
afterAll(() => api.stop());

const EUR = { minor: 1_000, currency: 'EUR' };
const get = async (path: string, by = key) => (await api.send('GET', path, { key: by })).body;

it('money in a currency that a running contract had before says that it waits for the end, to its partner and to the team', async () => {
  expect((await get('/v1/commissions')).items).toMatchObject([
    { amount: EUR, expectedPayAt: null, waitsFor: 'end-of-contract' },
  ]);
  expect(await get(`/v1/partners/${partnerId}`)).toMatchObject({ waitingForEnd: [EUR], nextPayoutAt: null });
  expect(await get('/v1/reports/programme-health', api.keys.partner_manager)).toMatchObject({
    waitingForEnd: [{ amount: EUR, commissions: 1, partners: 1 }],
  });
});

it('once a contract has ended it waits for a date', async () => {
  const world = new World(api.pool, api.programId);
  await world.rows('update attribution_window set is_final = true where partner_id = $1 and no = 3', [partnerId]);
  const [commission] = (await get('/v1/commissions')).items as { expectedPayAt: string | null; waitsFor?: string }[];
  expect(commission).toMatchObject({ expectedPayAt: expect.any(String) });
  expect(commission!.waitsFor).toBeUndefined();
  const { waitingForEnd, nextPayoutAt } = await get(`/v1/partners/${partnerId}`);
  expect({ waitingForEnd, nextPayoutAt }).toEqual({ waitingForEnd: [], nextPayoutAt: expect.any(String) });
});
