import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../db/ids.ts';
import { joinIntake } from '../../db/locks.ts';
import { mintApiKey } from '../../db/queries/api-key.ts';
import { insertPolicyPeriods } from '../../db/queries/policy.ts';
import { insertPolicyDraft } from '../../db/queries/policy-version.ts';
import { inTransaction } from '../../db/transaction.ts';
import { World } from '../activities/attribution/world.ts';
import { daysAgo } from '../support/days-ago.ts';
import { aPartner, LINEAR } from '../support/ground.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';

let api: ApiStack;
let orderId: string;
let partners: string[];
let keys: string[];

beforeAll(async () => {
  api = await startApi();
  partners = [];
  keys = [];
  for (let no = 0; no < 2; no += 1) {
    const { partnerId } = await aPartner(api.pool, api.programId, { contractFrom: daysAgo(20) });
    partners.push(partnerId);
  }
  await inTransaction(api.pool, api.programId, async (tx) => {
    const receivedAt = await joinIntake(tx);
    for (const partnerId of partners)
      keys.push((await mintApiKey(tx, { name: 'P', role: 'partner', partnerId })).apiKey);
    const { id } = await insertPolicyDraft(tx, { id: newId('policy'), body: LINEAR, createdBy: 'per_x' });
    const period = { id, conversionTypes: ['*'], effectiveFrom: daysAgo(15) };
    await insertPolicyPeriods(tx, period, receivedAt);
  });
  const world = new World(api.pool, api.programId);
  await world.touch(
    { id: 't1', partnerId: partners[0], occurredAt: daysAgo(9) },
    { id: 't2', partnerId: partners[1], occurredAt: daysAgo(8) },
    { id: 't3', channel: 'newsletter', occurredAt: daysAgo(7) },
  );
  orderId = await world.sale('order-1', 30_000, daysAgo(6));
  await world.drain();
}, 120_000);
afterAll(() => api.stop());

const get = async (path: string, key: string | undefined) => (await api.send('GET', path, { key })).body;
const touchpointsOf = ({ touchpoints }: { touchpoints: { id: string }[] }) => touchpoints.map(({ id }) => id);
const beneficiariesOf = ({ credits }: { credits: { beneficiary: { id: string } }[] }) =>
  credits.map(({ beneficiary }) => beneficiary.id);

describe('a conversion of two partners and a channel of ours', () => {
  it('is shown to the team in whole', async () => {
    const whole = await get(`/v1/conversions/${orderId}`, api.keys.partner_manager);
    expect(touchpointsOf(whole).sort()).toEqual(['t1', 't2', 't3']);
    expect(beneficiariesOf(whole).sort()).toEqual([...partners, 'newsletter'].sort());
  });

  it.each([0, 1])(
    'shows each of them its own touchpoint and credit alone, by itself and in the list (%i)',
    async (no) => {
      const one = await get(`/v1/conversions/${orderId}`, keys[no]);
      const [listed] = (await get('/v1/conversions', keys[no])).items;
      for (const shown of [one, listed]) {
        expect(touchpointsOf(shown)).toEqual([`t${no + 1}`]);
        expect(beneficiariesOf(shown)).toEqual([partners[no]]);
        expect(JSON.stringify(shown)).not.toContain(partners[1 - no]);
      }
    },
  );
});
