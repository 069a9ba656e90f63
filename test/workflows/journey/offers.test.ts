import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestPostgres, startTestTemporal } from '../../support/stack.ts';
import type { TestPostgres, TestTemporal } from '../../support/stack.ts';
import { ANSWERS, World } from './world.ts';

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

async function offered(): Promise<string> {
  const partnerId = await world.invite({ answers: ANSWERS });
  await world.decide('application.decision', partnerId, 'approve', 'manager');
  return partnerId;
}

/** What is left of a partner whose contract came to nothing. */
async function left(partnerId: string) {
  await world.untilStatus(partnerId, 'declined');
  const [partner] = await world.rows(
    `select status_reason as reason, reapply_after > now() as "mustWait" from partner where id = $1`,
    [partnerId],
  );
  const contracts = await world.rows('select state from contract where partner_id = $1', [partnerId]);
  const facts = await world.rows('select kind from contract_fact where partner_id = $1', [partnerId]);
  const open = await world.rows(`select kind from task where partner_id = $1 and state = 'open'`, [partnerId]);
  return { ...partner, contracts: contracts.map(({ state }) => state), facts, open };
}

const REFUSED = { reason: 'Not like this.', mustWait: true, contracts: ['refused'], facts: [], open: [] };
const reason = { reason: 'Not like this.' };
const unexplained = { cause: { type: 'invalid' } };

describe('an offer', () => {
  it('that the partner refuses, with a reason, declines it', async () => {
    const partnerId = await offered();
    const task = await world.openTask('contract.signature', partnerId);
    const partner = { kind: 'partner' as const, id: partnerId };
    await expect(world.complete(task, 'refuse', partner)).rejects.toMatchObject(unexplained);
    await world.complete(task, 'refuse', partner, reason);
    expect(await left(partnerId)).toEqual(REFUSED);
  });

  it('whose counter-proposal legal refuses, with a reason, declines the partner', async () => {
    const partnerId = await offered();
    const changes = { plan: { rules: [{ kind: 'percentage', basisPoints: 9_000 }] } };
    const data = { changes, message: 'More.' };
    await world.decide('contract.signature', partnerId, 'counter', 'partner', { data });
    const task = await world.openTask('contract.counter', partnerId);
    await expect(world.complete(task, 'refuse', world.person('legal'))).rejects.toMatchObject(unexplained);
    await world.complete(task, 'refuse', world.person('legal'), reason);
    expect(await left(partnerId)).toEqual(REFUSED);
  });

  it('that legal does not countersign, with a reason, declines the partner that signed', async () => {
    const partnerId = await offered();
    await world.decide('contract.signature', partnerId, 'sign', 'partner', world.signed);
    const task = await world.openTask('contract.countersignature', partnerId);
    await expect(world.complete(task, 'refuse', world.person('legal'))).rejects.toMatchObject(unexplained);
    await world.complete(task, 'refuse', world.person('legal'), reason);
    expect(await left(partnerId)).toEqual(REFUSED);
  });

  it('that legal revises after the signature is a new version, which the partner signs anew', async () => {
    const partnerId = await offered();
    const first = await world.openTask('contract.signature', partnerId);
    await world.complete(first, 'sign', { kind: 'partner', id: partnerId }, world.signed);
    const data = { changes: { hold: 'P9D' }, message: 'We wait nine days.' };
    await world.decide('contract.countersignature', partnerId, 'revise', 'legal', { data });

    const second = await world.openTask('contract.signature', partnerId, ({ id }) => id !== first.id);
    expect(second.data).toMatchObject({ version: 2, terms: { hold: 'P9D' } });
    expect(second.data.hash).not.toBe(first.data.hash);
    const old = { data: { ...world.signed(first).data } };
    const signing = world.complete(second, 'sign', { kind: 'partner', id: partnerId }, old);
    await expect(signing).rejects.toMatchObject({ cause: { type: 'conflict' } });
    await world.complete(second, 'sign', { kind: 'partner', id: partnerId }, world.signed);
    await world.decide('contract.countersignature', partnerId, 'sign', 'legal', world.signed);

    await world.untilStatus(partnerId, 'enabling');
    const facts = await world.rows('select kind, version from contract_fact where partner_id = $1', [partnerId]);
    expect(facts).toEqual([{ kind: 'in-force', version: 2 }]);
  });
});
