import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { startTestPostgres, startTestTemporal } from '../../support/stack.ts';
import type { TestPostgres, TestTemporal } from '../../support/stack.ts';
import { World } from './world.ts';

let postgres: TestPostgres;
let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  [postgres, temporal] = await Promise.all([startTestPostgres(), startTestTemporal()]);
  world = await new World(temporal, postgres).start(['journeys']);
});
afterAll(async () => {
  await world.stop();
  await temporal.stop();
  await postgres.stop();
});

const rate = (basisPoints: number) => ({ plan: { rules: [{ kind: 'percentage', basisPoints }] } });
const inForce = async (partnerId: string) =>
  (
    await world.rows<{ version: number }>(
      `select version from contract_fact where partner_id = $1 and kind = 'in-force' order by version`,
      [partnerId],
    )
  ).map(({ version }) => version);

describe('an amendment', () => {
  it('that is proposed holds once the partner accepts it, and the old terms stay when it declines', async () => {
    const partnerId = await world.activate();
    expect(await world.amend(partnerId, 'propose', rate(1_500))).toMatchObject({ version: 2 });
    await expect(world.amend(partnerId, 'propose', rate(1_600))).rejects.toMatchObject({ cause: { type: 'conflict' } });
    await world.decide('contract.amendment', partnerId, 'decline', 'partner', { reason: 'Too early.' });
    await eventually(() => world.amend(partnerId, 'propose', { hold: 'P7D' }));
    expect(await inForce(partnerId)).toEqual([1]);

    await world.decide('contract.amendment', partnerId, 'accept', 'partner');
    await eventually(async () => expect(await inForce(partnerId)).toEqual([1, 3]));
    const [{ terms }] = await world.rows(
      'select terms from contract_version v join contract c on c.id = v.contract_id where partner_id = $1 and version = 3',
      [partnerId],
    );
    expect(terms).toMatchObject({ ...rate(1_000), hold: 'P7D' });
  });

  it('by notice holds from its date on, and the partner is told', async () => {
    const partnerId = await world.activate();
    const from = new Date(Date.now() + 86_400_000).toISOString();
    await world.amend(partnerId, 'replace', rate(2_000), from);
    const [fact] = await world.rows('select at from contract_fact where partner_id = $1 and version = 2', [partnerId]);
    const mails = await world.rows(
      `select data from mail_outbox where partner_id = $1 and template = 'contract-notice'`,
      [partnerId],
    );
    expect(fact.at.toISOString()).toBe(from);
    expect(mails).toMatchObject([{ data: { version: 2, from } }]);
  });

  it('with terms that do not hold together is refused, and the journey goes on', async () => {
    const partnerId = await world.activate();
    const refused = world.amend(partnerId, 'propose', { plan: { rules: [] } });
    await expect(refused).rejects.toMatchObject({ cause: { type: 'invalid' } });
    expect(await world.amend(partnerId, 'propose', rate(500))).toMatchObject({ version: 2 });
  });
});
